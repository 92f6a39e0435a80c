import type { Authorization, TokenManager } from './token-manager.js';

/** Where a manager keeps its short way for the adapters; a global symbol, for other copies of this package. */
export const shortWay = Symbol.for('tt-token-manager.authorize-now');

/** A manager of this package; of one that a program has wrapped, or made itself, the public methods are used. */
interface ManagerWithShortWay extends TokenManager {
  readonly [shortWay]?: (url: string, asked: TokenManager) => Authorization | undefined;
}

/** What {@link TokenManager.authorize} would give, at once; undefined where that one has to be asked. */
export function authorizeNow(manager: TokenManager, url: string): Authorization | undefined {
  return (manager as ManagerWithShortWay)[shortWay]?.(url, manager);
}

/**
 * Gives a manager its short way. Whatever is made from this manager, or has another `authorize`, must be asked
 * by that one. It is not frozen: a Proxy of a frozen object can have no method of its own.
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
