import { expect, it } from 'vitest';
import { memoryStore } from '../../../src/index.js';
import type { StoreIdentity } from '../../../src/index.js';
import { itKeepsTheStoreContract } from '../store-contract.js';

itKeepsTheStoreContract(() => {
  const store = memoryStore();
  return Promise.resolve({ open: () => store });
});

it('keeps the records of different identities apart', async () => {
  const store = memoryStore();
  const uat: StoreIdentity = {
    environment: 'UAT',
    baseUrl: 'https://tt.example/',
    keyFingerprint: 'a',
  };
  await store.open(uat).write({ version: 1, ...uat });
  expect(await store.open({ ...uat, environment: 'LIVE' }).read()).toBeUndefined();
  expect(await store.open(uat).read()).toEqual({ version: 1, ...uat });
});
