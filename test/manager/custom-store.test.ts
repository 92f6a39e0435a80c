import { describe, expect, it } from 'vitest';
import type { StoredRecord, StoreSession, TokenStore } from '../../src/index.js';
import { heldFetch } from '../helpers/held-fetch.js';
import {
  at,
  follow,
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

/** The least a store of one's own has to be: a JSON text, no lock, and a look at it when the test says so. */
function jsonStore(): {
  store: TokenStore;
  text: () => string | undefined;
  put(raw: unknown): void;
} {
  let text: string | undefined;
  const write = (record: StoredRecord): Promise<void> => {
    text = JSON.stringify(record);
    return Promise.resolve();
  };
  const store: TokenStore = {
    open: () => ({
      read: () => Promise.resolve(text === undefined ? undefined : (JSON.parse(text) as unknown)),
      write,
      // A lock that lets everybody in, and is lost by the time of the write.
      acquire: () =>
        Promise.resolve({ write: () => Promise.resolve(false), release: () => Promise.resolve() }),
      watch: () => ({ changed: () => Promise.resolve(), close: () => undefined }),
    }),
  };
  return { store, text: () => text, put: (raw) => void (text = JSON.stringify(raw)) };
}

/** Two managers on one such store, both let in. */
function startTwo() {
  const { fetch, requests } = heldFetch();
  const json = jsonStore();
  const one = start({ store: json.store, fetch });
  const other = start({ store: json.store, fetch });
  return { json, one, other, requests };
}

describe('a store of one’s own', () => {
  it('is read and written by all managers on it', async () => {
    const { json, one, other, requests } = startTwo();
    await getFirst({ manager: one.manager, requests }, 'token-1');
    expect(json.text()).toContain('token-1');
    expect(await tokenOf(other)).toBe('token-1');
    expect(requests).toHaveLength(1);
  });

  it('keeps the newer token when the older reply comes last', async () => {
    const { json, one, other, requests } = startTwo();
    const older = one.manager.getToken();
    await pass(10);
    const newer = other.manager.getToken();
    await pass(10);
    at(requests, 1).grant('the-newer-token');
    expect((await newer).accessToken).toBe('the-newer-token');
    at(requests, 0).grant('the-older-token');
    expect((await older).accessToken).toBe('the-older-token');
    expect(json.text()).toContain('the-newer-token');
    expect(json.text()).not.toContain('the-older-token');
    expect(await tokenOf(start({ store: json.store }))).toBe('the-newer-token');
  });

  it('keeps the newer token when a failure comes last', async () => {
    const { json, one, other, requests } = startTwo();
    const failing = follow(one.manager.getToken());
    await pass(10);
    const newer = other.manager.getToken();
    await settle();
    at(requests, 1).grant('the-newer-token');
    await newer;
    at(requests, 0).answer(500);
    await settle();
    expect(failing().state).not.toBe('pending');
    expect(await tokenOf(start({ store: json.store }))).toBe('the-newer-token');
    expect(await tokenOf(one)).toBe('the-newer-token');
  });

  it('may be written just before the watch starts, which says nothing of that', async () => {
    const json = jsonStore();
    await getFirst(start({ store: json.store }), 'token-1');
    const written: unknown = JSON.parse(json.text() ?? '');
    json.put(undefined);
    const locked: TokenStore = {
      open: (identity) => ({
        ...json.store.open(identity),
        acquire: () => Promise.resolve(undefined),
        watch: () => {
          json.put(written);
          return { changed: () => new Promise(() => undefined), close: () => undefined };
        },
      }),
    };
    const subject = start({ store: locked });
    const token = follow(tokenOf(subject));
    await settle();
    expect(token()).toEqual({ state: 'fulfilled', value: 'token-1' });
    expect(subject.requests).toHaveLength(0);
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'token-0'],
    ['an empty object', {}],
    ['a foreign record', { version: 1, keyFingerprint: 'another', token: {} }],
  ])('may hold %s: that counts as no record', async (_, raw) => {
    const json = jsonStore();
    if (raw !== undefined) json.put(raw);
    const subject = start({ store: json.store });
    expect(await subject.manager.status()).toEqual({ exists: false, valid: false });
    await getFirst(subject, 'token-1');
    expect(json.text()).toContain('token-1');
    expect(subject.count('storeFailed')).toBe(0);
  });

  it('is not believed about a token from the future', async () => {
    const json = jsonStore();
    await getFirst(start({ store: json.store }), 'token-1');
    const record = JSON.parse(json.text() ?? '') as { token: object };
    const obtainedAt = startOfTime + 61 * second;
    json.put({ ...record, token: { ...record.token, obtainedAt } });
    const subject = start({ store: json.store });
    await getFirst(subject, 'token-2');
    expect(subject.requests).toHaveLength(1);
  });

  it('holds neither key nor secret', async () => {
    const { json, one, requests } = startTwo();
    await getFirst({ manager: one.manager, requests }, 'token-1');
    const record = JSON.parse(json.text() ?? '') as object;
    expect(Object.keys(record).sort()).toEqual(
      ['baseUrl', 'environment', 'generation', 'keyFingerprint', 'token', 'version'].sort(),
    );
  });

  it('leaves the event loop to others where its watch tells of changes without end', async () => {
    const { fetch } = heldFetch();
    let looks = 0;
    const session: StoreSession = {
      read: () => Promise.resolve(undefined),
      write: () => Promise.resolve(),
      acquire: () =>
        ++looks > 1_000 ? Promise.reject(new Error('no end')) : Promise.resolve(undefined),
      watch: () => ({ changed: () => Promise.resolve(), close: () => undefined }),
    };
    const { manager } = start({ store: { open: () => session }, fetch });
    const call = follow(manager.getToken());
    await pass(100);
    expect(call().state).toBe('pending');
    expect(looks).toBeLessThan(150);
  });
});
