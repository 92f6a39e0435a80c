import type { StoreIdentity, TokenStore } from '../stores/store.js';
import { runOn } from './store-bench.js';
import { lockChecks, lossChecks } from './store-lock-checks.js';
import { textChecks } from './store-text-checks.js';

/** One promise of a store. */
export interface StoreCheck {
  /** The promise, as a sentence. */
  readonly name: string;
  /** Rejects with an Error that says what was seen if the promise is broken. */
  run(): Promise<void>;
}

/** Ways to bring losses about; the promises about them are checked only where there is one. */
export interface StoreChecksOptions {
  /**
   * Lets another process, or another connection, take the lock of an identity and die without giving it back.
   * @example
   * leaveDeadHolder: (identity) => killOnceItHolds(fork('./takes-lock.js', [JSON.stringify(identity)]))
   */
  readonly leaveDeadHolder?: ((identity: StoreIdentity) => Promise<unknown>) | undefined;
  /** Milliseconds after which the lock of a dead holder must be free. @default 10_000 */
  readonly deadHolderCostsMs?: number | undefined;
  /** Takes the lock of an identity away from its living holder: ends its session, or removes its key. */
  readonly breakLease?: ((identity: StoreIdentity) => Promise<unknown>) | undefined;
}

/**
 * Returns the promises of a {@link TokenStore} as checks for any test runner: vitest, node:test, Jest. Each opens
 * several sessions on one store, under an identity of its own, and leaves a text there. A check takes up to 30 s.
 * @param create returns the store to check, for each check anew or always the same
 * @example
 * for (const { name, run } of storeChecks(() => myStore(database))) test(name, run);
 */
export function storeChecks(
  create: () => TokenStore | Promise<TokenStore>,
  options: StoreChecksOptions = {},
): readonly StoreCheck[] {
  const checks = { ...textChecks, ...lockChecks, ...lossChecks(options) };
  return Object.entries(checks).map(([name, keepsPromise]) => ({
    name,
    run: async () => runOn(await create(), keepsPromise),
  }));
}
