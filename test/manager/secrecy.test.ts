import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { memoryStore, type TokenStore } from '../../src/index.js';
import { expectNoSecrets } from '../helpers/expect-no-secrets.js';
import {
  apiKey,
  apiSecret,
  at,
  errorOf,
  getFirst,
  pass,
  second,
  settle,
  start,
  useFakeClock,
  type Started,
} from './setup.js';

useFakeClock();

const accessToken = 'eyJhbGciOi.Jub25lIn0!x7Kq$2Lp*9Zt(4Wm)8Rv';
const expectNoSecretIn = (...values: readonly unknown[]): void =>
  expectNoSecrets({ apiKey, apiSecret, accessToken }, ...values);

/** Fails a token request; what comes of it must show nothing. */
async function fail(
  subject: Started,
  how: (request: Started['requests'][number]) => void,
): Promise<unknown> {
  const call = errorOf(subject.manager.getToken({ forceRefresh: true }));
  await settle();
  const before = subject.requests.length;
  how(at(subject.requests, -1));
  await settle();
  for (let again = 0; again < 2; again++) {
    await pass(second / 2);
    if (subject.requests.length > before + again) how(at(subject.requests, -1));
  }
  return call;
}

const echo = `app_key=${apiKey}:${apiSecret} and ${accessToken}, x${apiSecret.slice(3, 11)}y`;

describe('nothing shows secret, key or token', () => {
  it('in a manager, its status and its events', async () => {
    const subject = start({ autoRefresh: true });
    await getFirst(subject, accessToken, 100);
    subject.manager.invalidate(accessToken);
    const call = errorOf(subject.manager.getToken({ forceRefresh: true }));
    await settle();
    at(subject.requests, 1).answer(500, { message: echo });
    const error = await call;
    expectNoSecretIn(subject.manager, await subject.manager.status(), subject.events, error);
    expect(subject.events.map(({ name }) => name)).toEqual([
      'refreshed',
      'rejected',
      'refreshFailed',
    ]);
  });

  it.each([
    ['status_message', 401],
    ['status_desc', 403],
    ['message', 400],
    ['message', 429],
    ['message', 500],
    ['status_message', 200],
  ])('when the service echoes them in its %s (%i)', async (field, status) => {
    const subject = start();
    await getFirst(subject, accessToken);
    await pass(1);
    const error = await fail(subject, (request) => {
      request.answer(status, { status: 'Fail', [field]: echo });
    });
    expect(error).toMatchObject({ name: 'TokenError', responseStatus: status });
    expectNoSecretIn(error, subject.events, subject.manager, await subject.manager.status());
  });

  it('when they stand in a body that is not understood', async () => {
    const subject = start();
    await getFirst(subject, accessToken);
    for (const [status, body] of [
      [200, echo],
      [200, { status: 'Ok', token: accessToken }],
      [500, `<html>${echo}</html>`],
      [401, [echo]],
    ] as const) {
      await pass(1);
      const error = await fail(subject, (request) => {
        request.answer(status, body);
      });
      expectNoSecretIn(error, subject.events);
    }
  });

  it('when the error of fetch, and its causes, quote the request', async () => {
    const subject = start();
    await getFirst(subject, accessToken);
    await pass(1);
    const root = Object.assign(new Error(`body was ${echo}`), { code: 'ECONNRESET', body: echo });
    const middle = new Error(echo, { cause: root });
    const top = Object.assign(new TypeError(`fetch failed: ${echo}`, { cause: middle }), {
      request: { headers: { authorization: `Bearer ${accessToken}` } },
    });
    const error = await fail(subject, (request) => {
      request.fail(top);
    });
    expect(error).toMatchObject({ code: 'TOKEN_REQUEST_FAILED', cause: { name: 'TypeError' } });
    expect(inspect(error, { depth: 10 })).toContain('ECONNRESET');
    expectNoSecretIn(error, subject.events);
  });

  it.each([
    ['a text', echo],
    ['an object', { body: echo }],
    ['an array', [echo]],
  ])('when %s is thrown instead of an error', async (_, thrown) => {
    const subject = start();
    await getFirst(subject, accessToken);
    await pass(1);
    const error = await fail(subject, (request) => {
      request.fail(thrown as unknown as Error);
    });
    expect(error).toMatchObject({ code: 'TOKEN_REQUEST_FAILED' });
    expectNoSecretIn(error, subject.events);
  });

  it('when a store that refuses quotes its record', async () => {
    const inner = memoryStore();
    let refuses = false;
    const store: TokenStore = {
      open: (identity) => ({
        ...inner.open(identity),
        read: () =>
          refuses ? Promise.reject(new Error(`cannot parse ${echo}`)) : inner.open(identity).read(),
      }),
    };
    const subject = start({ store });
    await getFirst(subject, accessToken);
    refuses = true;
    await subject.manager.status();
    expect(subject.count('storeFailed')).toBe(1);
    expectNoSecretIn(subject.events);
  });

  it('when a store cannot parse a token that it has never given', async () => {
    const inner = memoryStore();
    const quotes = [() => JSON.parse(`${accessToken}"}}`) as string];
    for (const read of quotes) {
      const store: TokenStore = {
        open: (identity) => ({
          ...inner.open(identity),
          read: async () => Promise.resolve(read()),
        }),
      };
      const subject = start({ store });
      await subject.manager.status();
      expect(subject.count('storeFailed')).toBe(1);
      expectNoSecretIn(subject.events);
    }
  });

  it('when the request is redirected away', async () => {
    const subject = start();
    const error = await fail(subject, (request) => {
      request.answer(307, '', {
        location: `https://elsewhere.example/?k=${apiKey}&s=${apiSecret}`,
      });
    });
    expect(error).toMatchObject({ code: 'TOKEN_REQUEST_FAILED' });
    expect(subject.requests).toHaveLength(1);
    expectNoSecretIn(error, subject.events);
  });

  it('in an error of a closed manager', async () => {
    const subject = start();
    await getFirst(subject, accessToken);
    await subject.manager.close();
    expectNoSecretIn(await errorOf(subject.manager.getToken()), subject.manager);
  });
});
