import { describe, expect, it } from 'vitest';
import { anIsoTime, createPlace, parseJson, type Place } from './command.js';
import { newToken, startKeep } from './keeper.js';

const hourMs = 3_600_000;

/** Tells the command that the API refused a token. */
const refuse = ({ start }: Place, input: string | Uint8Array, ...args: readonly string[]) =>
  start(['refused', ...args], { input });

const lastToken = ({ fake }: Place) => fake.tokenRequests.at(-1)?.accessToken;

describe('tt-token refused', () => {
  it.each(['', '\n', '\r\n'])('replaces the token, which ends with %j', async (ending) => {
    const place = await createPlace();
    await place.storeToken(-hourMs, hourMs, 'refused-by-the-api-01234567');
    const finished = await refuse(
      place,
      `refused-by-the-api-01234567${ending}`,
      '--output',
      'token',
    );
    expect(finished).toEqual({ code: 0, stdout: `${lastToken(place)}\n`, stderr: '' });
    expect(place.fake.tokenRequests).toHaveLength(1);
    expect((await place.readStored()).token?.accessToken).toBe(lastToken(place));
  });

  it('prints the newer token of the store for one that another process has replaced', async () => {
    const place = await createPlace();
    await place.storeToken(-1_000, hourMs, 'the-newer-token-of-the-store');
    const shown = await refuse(place, 'an-older-token-0123456789', '--output', 'json', '--show');
    expect(shown).toMatchObject({ code: 0, stderr: '' });
    expect(parseJson(shown)).toMatchObject({
      success: true,
      token: 'the-newer-token-of-the-store',
      expiry_time: anIsoTime,
      token_file: place.tokenFile,
    });
    expect(place.fake.tokenRequests).toHaveLength(0);
  });

  it('makes one request for processes that are refused at one time', async () => {
    const place = await createPlace();
    await place.storeToken(-hourMs, hourMs, 'refused-by-the-api-01234567');
    const input = 'refused-by-the-api-01234567';
    const calls = [1, 2, 3, 4].map(() => refuse(place, input, '--output', 'token'));
    const printed = new Set((await Promise.all(calls)).map(({ stdout }) => stdout));
    expect([...printed]).toEqual([`${lastToken(place)}\n`]);
    expect(place.fake.tokenRequests).toHaveLength(1);
  });

  it('exits with 3 where the next one is refused too soon: it stays, and no request is made', async () => {
    const place = await createPlace();
    const token = 'refused-by-the-api-01234567';
    const spacing = { refreshedAt: Date.now() - 1_000, waitMs: 600_000 };
    await place.storeToken(-hourMs, hourMs, token, { spacing });
    const text = await refuse(place, token);
    expect(text).toMatchObject({ code: 3, stderr: '' });
    expect(text.stdout).toMatch(/^the API refused .* not replaced before \S+Z, and stays in use/);
    const json = await refuse(place, token, '--output', 'json');
    expect(json).toMatchObject({ code: 3, stderr: '' });
    expect(parseJson(json)).toMatchObject({
      success: false,
      code: 'REFRESH_TOO_SOON',
      retry_at: new Date(spacing.refreshedAt + spacing.waitMs).toISOString(),
      expiry_time: anIsoTime,
      token_file: place.tokenFile,
    });
    const bare = await refuse(place, token, '--output', 'token');
    expect(bare).toMatchObject({ code: 3, stdout: '' });
    expect(bare.stderr).toMatch(/^tt-token: the API refused .*\n$/);
    expect(place.fake.tokenRequests).toHaveLength(0);
  });

  it.each([
    ['fails', { status: 500 }, 'TOKEN_REQUEST_FAILED'],
    ['limits', { status: 429, retryAfterSeconds: 600 }, 'TOKEN_RATE_LIMITED'],
    ['refuses the credentials', { status: 403 }, 'CREDENTIALS_REJECTED'],
  ])('exits with 1 where the token endpoint %s; the next call too', async (_, failure, code) => {
    const place = await createPlace();
    await place.storeToken(-hourMs, hourMs, 'refused-by-the-api-01234567');
    place.fake.failNextTokenRequests({ ...failure, count: Infinity });
    for (let call = 0; call < 2; call++) {
      const finished = await refuse(place, 'refused-by-the-api-01234567', '--output', 'json');
      expect(finished).toMatchObject({ code: 1, stderr: '' });
      expect(parseJson(finished)).toMatchObject({ success: false, code });
    }
  });

  it.each([
    ['nothing', '', 'standard input is empty'],
    ['white space', ' \n\t\n', 'standard input is empty'],
    ['two lines', 'first-0123456789\nsecond-0123456789\n', 'one token, in one line'],
    ['a header', 'Bearer header-0123456789', 'without "Bearer"'],
    ['JSON', '{ "access_token": "json-0123456789" }', 'is no token'],
    ['UTF-16', Buffer.from('\ufeffutf16-0123456789', 'utf16le'), 'is no token'],
    ['a megabyte', 'huge-0123456789'.repeat(70_000), 'too long'],
  ])('exits with 2 for %s, and repeats nothing of it', async (_, input, message) => {
    const place = await createPlace();
    const finished = await refuse(place, input);
    expect(finished).toMatchObject({ code: 2, stdout: '' });
    expect(finished.stderr).toMatch(/^tt-token: [^\n]*\n$/);
    expect(finished.stderr).toContain(message);
    expect(finished.stderr).not.toContain('0123');
    expect(place.fake.tokenRequests).toHaveLength(0);
  });

  it.each([['--force-refresh'], ['--min-seconds', '1'], ['--write', 'a']])(
    'does not go with %s',
    async (...args) => {
      const place = await createPlace();
      expect(await place.run(['refused', ...args])).toMatchObject({ code: 2, stdout: '' });
    },
  );

  it('gives a keep that runs the new token', async () => {
    const place = await createPlace();
    const file = `${place.folder}/bare`;
    const keeper = startKeep(place, ['--write', file]);
    await keeper.printed(newToken);
    expect((await refuse(place, lastToken(place) ?? '')).code).toBe(0);
    await keeper.printed(newToken, 2);
    expect(place.fake.tokenRequests).toHaveLength(2);
    keeper.child.kill('SIGHUP');
    expect(await keeper.end).toMatchObject({ code: 0, stdout: '' });
    expect(keeper.stderr()).not.toContain('warning');
  });
});
