import { describe, expect, it, vi } from 'vitest';
import { memoryStore, type StoreSession, type TokenStore } from '../../src/index.js';
import { at, follow, minute, pass, second, settle, start, tokenOf, useFakeClock } from './setup.js';

useFakeClock();

const never = (): Promise<never> => new Promise(() => undefined);

/** A memory store of which some operations are others. */
function storeWith(changes: Partial<StoreSession>): TokenStore {
  const inner = memoryStore();
  return { open: (identity) => ({ ...inner.open(identity), ...changes }) };
}

const lease = { write: () => Promise.resolve(true), release: () => Promise.resolve() };
const hanging: [string, string, Partial<StoreSession>][] = [
  ['its reading', 'read', { read: never }],
  ['its lock', 'lock', { acquire: never }],
  ['its write', 'write', { acquire: () => Promise.resolve({ ...lease, write: never }) }],
  ['its release', 'release', { acquire: () => Promise.resolve({ ...lease, release: never }) }],
  ['everything', 'read', { read: never, acquire: never, write: never }],
];

describe.each(hanging)('a store that hangs in %s', (_, operation, changes) => {
  it('costs 5 s once, an event, and no token', async () => {
    const subject = start({ store: storeWith(changes) });
    const call = follow(subject.manager.getToken());
    await pass(5 * second);
    subject.requests[0]?.grant('token-1');
    await pass(5 * second);
    expect(call()).toMatchObject({ state: 'fulfilled' });
    expect(subject.requests).toHaveLength(1);
    expect(subject.events.find(({ name }) => name === 'storeFailed')?.event).toMatchObject({
      operation,
      message: expect.stringContaining('did not answer within 5000 ms') as string,
    });
  });
});

describe('a store that hangs', () => {
  it('when it is opened, by a promise, costs no token', async () => {
    const store = { open: never as unknown as TokenStore['open'] };
    const subject = start({ store });
    const call = follow(subject.manager.getToken());
    await pass(5 * second);
    at(subject.requests, 0).grant('token-1');
    await settle();
    expect(call()).toMatchObject({ value: { accessToken: 'token-1' } });
  });

  it('answers a status from memory, within its limit', async () => {
    const subject = start({ store: storeWith({ read: never }) });
    const status = follow(subject.manager.status());
    await pass(5 * second);
    expect(status()).toMatchObject({ value: { exists: false } });
  });

  it('is asked again at the next need, as its answer may be lost', async () => {
    const read = vi.fn<() => Promise<undefined>>(() => Promise.resolve(undefined));
    read.mockImplementationOnce(never);
    const subject = start({ store: storeWith({ read }) });
    await getFirstAfter(subject);
    expect(read).toHaveBeenCalledTimes(1);
    const forced = subject.manager.getToken({ forceRefresh: true });
    await settle();
    at(subject.requests, 1).grant('token-2');
    await forced;
    expect(read.mock.calls.length).toBeGreaterThan(1);
    expect(subject.count('storeFailed')).toBe(3);
  });

  it('gives back the lock that it hands out late', async () => {
    const release = vi.fn(() => Promise.resolve());
    let give = (): void => undefined;
    const acquire = (): Promise<typeof lease> =>
      new Promise((resolve) => (give = () => resolve({ ...lease, release })));
    const subject = start({ store: storeWith({ acquire }) });
    await getFirstAfter(subject);
    expect(release).not.toHaveBeenCalled();
    give();
    await settle();
    expect(release).toHaveBeenCalledOnce();
  });

  it('is still told to give back the lock', async () => {
    const release = vi.fn(never);
    const acquire = (): Promise<typeof lease> =>
      Promise.resolve({ ...lease, write: never, release });
    const subject = start({ store: storeWith({ acquire }) });
    const call = follow(subject.manager.getToken());
    await settle();
    at(subject.requests, 0).grant('token-1');
    await pass(5 * second);
    expect(call().state).toBe('fulfilled');
    expect(release).toHaveBeenCalledOnce();
  });

  async function getFirstAfter(subject: ReturnType<typeof start>): Promise<void> {
    const call = subject.manager.getToken();
    await pass(5 * second);
    at(subject.requests, 0).grant('token-1');
    await call;
  }
});

describe('a lock that another keeps', () => {
  it('is waited for no longer than 30 s', async () => {
    const store = storeWith({ acquire: () => Promise.resolve(undefined) });
    const subject = start({ store });
    const call = follow(subject.manager.getToken());
    await pass(29 * second);
    expect(subject.requests).toHaveLength(0);
    await pass(3 * second);
    expect(subject.requests).toHaveLength(1);
    at(subject.requests, 0).grant('token-1');
    await settle();
    expect(call()).toMatchObject({ value: { accessToken: 'token-1' } });
    expect(subject.count('storeFailed')).toBe(0);
  });

  it('costs one request for many, as one is the first to lose patience', async () => {
    let turn = 0;
    vi.mocked(Math.random).mockImplementation(() => (turn++ % 97) / 97);
    const store = storeWith({ acquire: () => Promise.resolve(undefined) });
    const waiters = Array.from({ length: 8 }, () => start({ store }));
    const calls = waiters.map(({ manager }) => follow(manager.getToken()));
    const asked = (): number => waiters.filter(({ requests }) => requests.length > 0).length;
    for (let waitedMs = 0; asked() === 0 && waitedMs < minute; waitedMs += 50) await pass(50);
    expect(asked()).toBe(1);
    waiters.find(({ requests }) => requests.length > 0)?.requests[0]?.grant('token-1');
    await pass(10 * second);
    expect(asked()).toBe(1);
    for (const call of calls) expect(call()).toMatchObject({ value: { accessToken: 'token-1' } });
    expect(await tokenOf(at(waiters, 0))).toBe('token-1');
  });
});
