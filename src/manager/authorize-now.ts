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
