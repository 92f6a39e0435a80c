import { describe, expect, it } from 'vitest';
import type { TokenStore } from '../../src/index.js';
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
  const store: TokenStore = {
    open: () => ({
      read: () => Promise.resolve(text),
      write(given) {
        text = given;
        return Promise.resolve();
      },
      // A lock that lets everybody in, and is lost by the time of the write.
      acquire: () =>
        Promise.resolve({ write: () => Promise.resolve(false), release: () => Promise.resolve() }),
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

  it('is told for how long a text is of use', async () => {
    const { json, one, requests } = startTwo();
    const lives: number[] = [];
    const { open } = json.store;
    const store: TokenStore = {
      open(identity) {
        const session = open(identity);
        const write: typeof session.write = (text, options) => {
          lives.push(options.lifeMs);
          return session.write(text, options);
        };
        return { ...session, write };
      },
    };
    await getFirst({ manager: one.manager, requests }, 'token-1');
    await getFirst(start({ store, apiKey: 'another-key' }), 'token-2', 3_600);
    // Counts of failures and refusals go on for ten minutes after the token.
    expect(lives).toEqual([4_200 * second]);
  });

  it.each([42, { version: 1 }, true])('that gives %o for a text has failed', async (given) => {
    const { open } = jsonStore().store;
    const read = (): Promise<string> => Promise.resolve(given as unknown as string);
    const subject = start({ store: { open: (identity) => ({ ...open(identity), read }) } });
    await getFirst(subject, 'token-1');
    expect(subject.events).toContainEqual({
      name: 'storeFailed',
      event: { operation: 'read', message: 'the store gave no text, but a value of another type' },
    });
    expect(await tokenOf(subject)).toBe('token-1');
  });

  it('may give null where it has no text', async () => {
    const { open } = jsonStore().store;
    const read = (): Promise<undefined> => Promise.resolve(null as unknown as undefined);
    const subject = start({ store: { open: (identity) => ({ ...open(identity), read }) } });
    await getFirst(subject, 'token-1');
    expect(subject.count('storeFailed')).toBe(0);
  });
});
