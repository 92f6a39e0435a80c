import type { Authorization, TokenManager } from './token-manager.js';

/** The key of a manager's synchronous `authorize`, for the adapters. Global: other copies of this package use it too. */
export const shortWay = Symbol.for('tt-token-manager.authorize-now');

/** A manager of this package. A manager that a program wrapped or made itself is used by its public methods. */
interface ManagerWithShortWay extends TokenManager {
  readonly [shortWay]?: (url: string, asked: TokenManager) => Authorization | undefined;
}

/** Does what {@link TokenManager.authorize} does, synchronously; undefined where that one has to be called. */
export function authorizeNow(manager: TokenManager, url: string): Authorization | undefined {
  return (manager as ManagerWithShortWay)[shortWay]?.(url, manager);
}

/**
 * Adds the synchronous `authorize` to a manager. It is not used for objects made from the manager, nor after
 * `authorize` was replaced. The manager is not frozen: a Proxy of a frozen object cannot replace a method.
 */
export function withShortWay(
  manager: TokenManager,
  now: (url: string) => Authorization | undefined,
): TokenManager {
  const { authorize } = manager;
  const own = (url: string, asked: TokenManager): Authorization | undefined =>
    asked === manager && manager.authorize === authorize ? now(url) : undefined;
  return Object.defineProperty(manager, shortWay, { value: own, configurable: true });
}
