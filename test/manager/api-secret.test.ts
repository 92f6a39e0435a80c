import { describe, expect, it, vi } from 'vitest';
import { expectNoSecrets } from '../helpers/expect-no-secrets.js';
import {
  apiKey,
  at,
  errorOf,
  getFirst,
  pass,
  second,
  settle,
  start,
  tokenOf,
  useFakeClock,
} from './setup.js';

useFakeClock();

const secret = 'vault-5ecret!x7Kq';

const nothing = undefined as unknown as Error;

/** What a function that gives a secret may do instead. */
const misbehaviours: readonly [string, () => unknown][] = [
  [
    'throws',
    () => {
      throw new Error('the vault is sealed');
    },
  ],
  ['rejects', () => Promise.reject(new Error('the vault is sealed'))],
  ['parses as JSON what is a bare secret', () => JSON.parse(secret) as unknown],
  ['quotes the app key in its error', () => Promise.reject(new Error(`wrong: "${apiKey}"`))],
  [
    'holds the secret in its error',
    () => Promise.reject(Object.assign(new Error('wrong'), { secret, body: Buffer.from(secret) })),
  ],
  ['rejects with what is no error', () => Promise.reject(nothing)],
  ['gives an empty text', () => ''],
  ['gives a promise of an empty text', () => Promise.resolve('')],
  ['gives undefined', () => undefined],
  ['gives a number', () => 42],
  ['gives an object', () => ({ secret })],
  ['gives a text with a line break', () => `${secret}\n${secret}`],
  ['gives the key and no secret', () => `${apiKey}:`],
];

describe('an apiSecret function', () => {
  it('is asked before each token request, and never otherwise', async () => {
    let asked = 0;
    const subject = start({ apiSecret: () => `secret-number-${++asked}` });
    expect(asked).toBe(0);
    await subject.manager.status();
    expect(asked).toBe(0);
    await getFirst(subject, 'token-1', 100);
    expect(asked).toBe(1);
    expect(at(subject.requests, 0).init.body).toBe(
      `grant_type=user_app&app_key=${apiKey}:secret-number-1`,
    );
    await tokenOf(subject);
    expect(asked).toBe(1);
    await pass(100 * second);
    await getFirst(subject, 'token-2');
    expect(asked).toBe(2);
    expect(at(subject.requests, 1).init.body).toContain('secret-number-2');
  });

  it('may take its time, and give the secret after the key', async () => {
    const subject = start({
      apiSecret: () =>
        new Promise((resolve) => setTimeout(() => resolve(`${apiKey}:${secret}`), 3 * second)),
    });
    const call = subject.manager.getToken();
    await pass(3 * second);
    expect(at(subject.requests, 0).init.body).toBe(
      `grant_type=user_app&app_key=${apiKey}:${encodeURIComponent(secret)}`,
    );
    at(subject.requests, 0).grant('token-1');
    await call;
  });

  it.each(misbehaviours)(
    'that %s costs a TokenError, and the next call is fine',
    async (_, give) => {
      const asked = vi.fn<() => unknown>(give);
      const subject = start({ apiSecret: asked as () => string });
      const calls = Array.from({ length: 10 }, () => errorOf(subject.manager.getToken()));
      const errors = await Promise.all(calls);
      for (const error of errors) {
        expect(error).toMatchObject({ name: 'TokenError', code: 'TOKEN_REQUEST_FAILED' });
        expect((error as Error).message).toMatch(/^apiSecret could not be read: ./);
        expectNoSecrets({ apiKey, secret }, error);
      }
      expect(asked).toHaveBeenCalledTimes(1);
      expect(subject.requests).toHaveLength(0);
      expect(subject.count('refreshFailed')).toBe(1);
      expect(subject.last('refreshFailed')).not.toHaveProperty('durationMs');
      expectNoSecrets({ apiKey, secret }, subject.events);
      asked.mockReturnValue(secret);
      await getFirst(subject, 'token-1');
    },
  );

  it('that quotes a secret it gave before shows it to nobody', async () => {
    const give = vi.fn(() => Promise.resolve(secret));
    const subject = start({ apiSecret: give });
    await getFirst(subject, 'token-1');
    give.mockRejectedValueOnce(new Error(`the vault refused "${secret}" today`));
    const error = await errorOf(subject.manager.getToken({ forceRefresh: true }));
    expect(error).toMatchObject({
      code: 'TOKEN_REQUEST_FAILED',
      message: 'apiSecret could not be read: the vault refused "[redacted]" today',
    });
    expectNoSecrets({ apiKey, secret }, error, subject.events);
  });

  it('that hangs is waited for no longer than timeoutMs', async () => {
    const answers = [new Promise<string>(() => undefined), Promise.resolve(secret)];
    const subject = start({ apiSecret: () => at(answers.splice(0, 1), 0), timeoutMs: 5 * second });
    const call = errorOf(subject.manager.getToken());
    await pass(5 * second - 1);
    expect(subject.count('refreshFailed')).toBe(0);
    await pass(1);
    expect(await call).toMatchObject({
      code: 'TOKEN_REQUEST_FAILED',
      message: 'apiSecret could not be read: did not answer within 5000 ms (ETIMEDOUT)',
    });
    await getFirst(subject, 'token-1');
  });

  it('that answers or fails after its timeout disturbs nothing', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    let fail = (error: Error): unknown => error;
    const late = new Promise<string>((_, reject) => (fail = reject));
    const subject = start({ apiSecret: () => late, timeoutMs: second });
    const call = errorOf(subject.manager.getToken());
    await pass(second);
    await call;
    fail(new Error('too late'));
    await settle();
    await settle();
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  it('that fails while the old token is valid is nobody’s problem', async () => {
    const give = vi.fn(() => Promise.resolve(secret));
    const subject = start({ apiSecret: give });
    await getFirst(subject, 'token-1', 100);
    give.mockRejectedValue(new Error('the vault is sealed'));
    await pass(60 * second);
    for (let call = 0; call < 100; call++) expect(await tokenOf(subject)).toBe('token-1');
    await settle();
    expect(subject.last('refreshFailed')).toMatchObject({ reason: 'ageing' });
    for (let call = 0; call < 100; call++) expect(await tokenOf(subject)).toBe('token-1');
    await settle();
    expect(give).toHaveBeenCalledTimes(2);
    expect(subject.count('refreshFailed')).toBe(1);
  });
});
