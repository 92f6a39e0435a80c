import { describe, expect, it, vi } from 'vitest';
import { memoryStore, type StoreLease, type TokenStore } from '../../src/index.js';
import { breakableStore, type Breakable } from './broken-store.js';
import {
  at,
  errorOf,
  getFirst,
  pass,
  second,
  settle,
  start,
  startOfTime,
  tokenOf,
  useFakeClock,
} from './setup.js';

useFakeClock();

const operations: readonly Breakable[] = ['read', 'lock', 'write', 'release'];

describe.each(['rejects', 'throws'] as const)('a store that %s', (how) => {
  it.each(operations)('at each %s costs an event, and no token', async (operation) => {
    const { store, broken } = breakableStore(how);
    broken.add(operation);
    const subject = start({ store });
    const calls = Array.from({ length: 10 }, () => subject.manager.getToken());
    await settle();
    expect(subject.requests).toHaveLength(1);
    at(subject.requests, 0).grant('token-1');
    for (const token of await Promise.all(calls)) expect(token.accessToken).toBe('token-1');
    expect(await tokenOf(subject)).toBe('token-1');
    expect(subject.count('storeFailed')).toBe(1);
    expect(subject.last('storeFailed')).toEqual({ operation, message: `${operation} refused` });
    expect(subject.count('refreshed')).toBe(1);
  });

  it('at everything leaves a manager that works in memory', async () => {
    const { store, broken } = breakableStore(how);
    for (const operation of operations) broken.add(operation);
    const subject = start({ store });
    await getFirst(subject, 'token-1', 100);
    await pass(60 * second);
    expect(await tokenOf(subject)).toBe('token-1');
    await settle();
    at(subject.requests, 1).grant('token-2', 100);
    await settle();
    expect(await tokenOf(subject)).toBe('token-2');
    subject.manager.invalidate('token-2');
    await getFirst(subject, 'token-3');
    expect(await subject.manager.status()).toMatchObject({ exists: true, valid: true });
    // Each kind once: read, lock and write. Without a lock there is nothing to release.
    expect(subject.count('storeFailed')).toBe(3);
  });

  it('at everything leaves the back-off working in memory', async () => {
    const { store, broken } = breakableStore(how);
    for (const operation of operations) broken.add(operation);
    const subject = start({ store });
    for (const wait of [1, 2, 4]) {
      const call = errorOf(subject.manager.getToken());
      await settle();
      at(subject.requests, -1).answer(500);
      const retryAt = Date.now() + wait * second;
      expect(await call).toMatchObject({ code: 'TOKEN_REQUEST_FAILED', retryAt });
      const before = subject.requests.length;
      await pass(wait * second - 1);
      expect(await errorOf(subject.manager.getToken())).toMatchObject({ retryAt });
      expect(subject.requests).toHaveLength(before);
      await pass(1);
    }
  });
});

describe('a store that has failed', () => {
  it('and works again is used again, and reported again when it fails anew', async () => {
    const { store, broken } = breakableStore();
    const subject = start({ store });
    const other = start({ store });
    broken.add('write');
    await getFirst(subject, 'token-1');
    expect(subject.count('storeFailed')).toBe(1);
    broken.clear();
    await pass(1);
    const forced = subject.manager.getToken({ forceRefresh: true });
    await settle();
    at(subject.requests, 1).grant('token-2');
    await forced;
    expect(await tokenOf(other)).toBe('token-2');
    expect(other.requests).toHaveLength(0);
    broken.add('write');
    await pass(1);
    const again = subject.manager.getToken({ forceRefresh: true });
    await settle();
    at(subject.requests, 2).grant('token-3');
    expect((await again).accessToken).toBe('token-3');
    expect(subject.count('storeFailed')).toBe(2);
  });

  it('is no reason to forget the spacing of refusals', async () => {
    const { store, broken } = breakableStore();
    for (const operation of operations) broken.add(operation);
    const subject = start({ store });
    await getFirst(subject, 'token-1');
    subject.manager.invalidate('token-1');
    await getFirst(subject, 'token-2');
    await pass(500);
    subject.manager.invalidate('token-2');
    expect(subject.last('rejected')).toMatchObject({ willRefresh: false });
    expect(await tokenOf(subject)).toBe('token-2');
    await pass(500);
    subject.manager.invalidate('token-2');
    await getFirst(subject, 'token-3');
    expect(subject.requests).toHaveLength(3);
  });
});

describe('a lease that was lost', () => {
  /** A shared store, and the same one for a process that loses each of its leases. */
  function sharedWithLate(): { store: TokenStore; late: TokenStore } {
    const store = memoryStore();
    const lost = { write: () => Promise.resolve(false), release: () => Promise.resolve() };
    const acquire = (): Promise<StoreLease> => Promise.resolve(lost);
    return { store, late: { open: (identity) => ({ ...store.open(identity), acquire }) } };
  }

  it('keeps a late token from the record that another host has written, its clock being behind', async () => {
    const { store, late } = sharedWithLate();
    const subject = start({ store: late });
    const call = subject.manager.getToken();
    await settle();
    vi.setSystemTime(startOfTime - 5 * second);
    await getFirst(start({ store }), 'token-of-the-next');
    at(subject.requests, 0).grant('token-of-the-late');
    expect((await call).accessToken).toBe('token-of-the-late');
    expect(await tokenOf(start({ store }))).toBe('token-of-the-next');
  });

  it('keeps no token from a record that has stayed the same', async () => {
    const { store, late } = sharedWithLate();
    const subject = start({ store: late });
    await getFirst(subject, 'token-1', 100);
    await pass(100 * second);
    await getFirst(subject, 'token-2');
    expect(await tokenOf(start({ store }))).toBe('token-2');
  });
});
