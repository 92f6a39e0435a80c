import { AsyncResource } from 'node:async_hooks';

/** The context in which the library was loaded. Destroyed at once, for async hooks: it stays usable, and is no open handle. */
const outsideContext = new AsyncResource('tt-token-manager', { requireManualDestroy: true });
outsideContext.emitDestroy();

/**
 * Runs a task outside the async context of the request that happens to need it: what all callers share is no part of
 * one's trace, keeps nothing of it in memory, and a framework does not take it for its page's.
 */
export function outside<Result>(task: () => Result): Result {
  return outsideContext.runInAsyncScope(task);
}
