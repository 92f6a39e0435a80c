import { describe, it } from 'vitest';
import type { TokenStore } from '../../src/stores/store.js';
import { storeChecks, type StoreChecksOptions } from '../../src/testing/index.js';

/** Tests a store by the checks that users have for theirs. */
export function itKeepsTheStoreContract(
  create: () => TokenStore | Promise<TokenStore>,
  options?: StoreChecksOptions,
): void {
  describe('the store contract', () => {
    for (const { name, run } of storeChecks(create, options)) it(name, run);
  });
}
