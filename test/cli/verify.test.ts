import { appendFile, lchown, mkdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { anIsoTime, aText, createPlace, parseJson, type Place } from './command.js';

const hourMs = 3_600_000;
const needless = {
  TT_API_SECRET: undefined,
  TT_APP_NAME: undefined,
  TT_COMPANY_NAME: undefined,
};

describe('tt-token --verify', () => {
  it('exits with 0 for a valid token, without network, secret or names', async () => {
    const { fake, run, storeToken } = await createPlace();
    const expiry = await storeToken(-hourMs, 2 * hourMs);
    await fake.close();
    const { code, stdout, stderr } = await run(['--verify'], { env: needless });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(`valid, until ${expiry} (in 1 h 59 min)\n`);
  });

  it('refreshes nothing, not even a token about to expire', async () => {
    const { fake, run, storeToken } = await createPlace();
    await storeToken(-hourMs, 60_000);
    expect((await run(['--verify'])).code).toBe(0);
    expect(fake.tokenRequests).toHaveLength(0);
    expect(fake.requests).toHaveLength(0);
  });

  it('says in JSON what it found', async () => {
    const { run, storeToken, tokenFile } = await createPlace();
    const expiry = await storeToken(-hourMs, 2 * hourMs);
    const finished = await run(['--verify', '--output', 'json'], { env: needless });
    expect(finished).toMatchObject({ code: 0, stderr: '' });
    expect(parseJson(finished)).toEqual({
      success: true,
      valid: true,
      token_exists: true,
      token_file: tokenFile,
      expiry_time: expiry,
      seconds_until_expiry: expect.any(Number) as number,
    });
  });

  it('exits with 3 where there is no token, and names no expiry', async () => {
    const { fake, run, tokenFile } = await createPlace();
    const text = await run(['--verify']);
    expect(text).toMatchObject({ code: 3, stderr: '' });
    expect(text.stdout).toMatch(/^not valid: no token is stored .*\n$/);
    const json = await run(['--verify', '--output', 'json']);
    expect(json).toMatchObject({ code: 3, stderr: '' });
    expect(parseJson(json)).toEqual({
      success: false,
      valid: false,
      token_exists: false,
      error: aText,
      code: 'TOKEN_MISSING',
      reason: 'none',
      token_file: tokenFile,
    });
    expect(fake.tokenRequests).toHaveLength(0);
  });

  it('exits with 3 for an expired token, and names its expiry', async () => {
    const { run, storeToken, tokenFile } = await createPlace();
    const expiry = await storeToken(-2 * hourMs, -hourMs);
    const text = await run(['--verify']);
    expect(text).toMatchObject({ code: 3, stderr: '' });
    expect(text.stdout).toBe(`not valid: the token expired at ${expiry} (1 h 0 min ago)\n`);
    const json = await run(['--verify', '--output', 'json']);
    expect(json.code).toBe(3);
    expect(parseJson(json)).toEqual({
      success: false,
      valid: false,
      token_exists: true,
      expiry_time: expiry,
      seconds_until_expiry: 0,
      error: aText,
      code: 'TOKEN_EXPIRED',
      reason: 'expired',
      token_file: tokenFile,
    });
  });

  it.each(['not json', '{"version":1,"token":{"accessToken":7}}', ''])(
    'exits with 3 for a token file that holds %j',
    async (garbage) => {
      const { run, tokenFile } = await createPlace();
      await writeFile(tokenFile, garbage);
      const finished = await run(['--verify', '--output', 'json']);
      expect(finished.code).toBe(3);
      expect(parseJson(finished)).toMatchObject({ valid: false, token_exists: false });
    },
  );

  it.each([
    ['environment', ['--environment', 'LIVE']],
    ['base URL', ['--base-url', 'https://tt.example']],
  ])('exits with 3 for the token of another %s', async (_, args) => {
    const { run, storeToken } = await createPlace();
    await storeToken(-hourMs, 2 * hourMs);
    expect((await run(['--verify', ...args])).code).toBe(3);
  });

  it('exits with 3 where the token file cannot be read, and says why', async () => {
    const { run, tokenFile } = await createPlace();
    await mkdir(tokenFile);
    const { code, stdout, stderr } = await run(['--verify']);
    expect(code).toBe(3);
    expect(stdout).toMatch(/^not valid: .*\n$/);
    expect(stderr).toBe(
      `tt-token: warning: the token file cannot be read: EINVAL: ${tokenFile} is not a regular file; choose another token file\n`,
    );
  });

  it('follows a symbolic link to the token file', async () => {
    const { run, storeToken, tokenFile } = await createPlace();
    await storeToken(-hourMs, 2 * hourMs);
    await rename(tokenFile, `${tokenFile}.elsewhere`);
    await symlink(`${tokenFile}.elsewhere`, tokenFile);
    expect((await run(['--verify'])).code).toBe(0);
  });

  it('exits with 3 for a file that is too large to be a token file', async () => {
    const { run, storeToken, tokenFile } = await createPlace();
    await storeToken(-hourMs, 2 * hourMs);
    await appendFile(tokenFile, ' '.repeat(262_144));
    expect((await run(['--verify'])).code).toBe(3);
  });

  it('shows the token with --show, an expired one too', async () => {
    const { run, storeToken } = await createPlace();
    await storeToken(-hourMs, 2 * hourMs, 'a-token-to-be-shown');
    expect((await run(['--verify', '--show'])).stdout).toContain('\ntoken: a-token-to-be-shown\n');
    await storeToken(-2 * hourMs, -hourMs, 'an-old-token-to-be-shown');
    const shown = parseJson(await run(['--verify', '--show', '--output', 'json']));
    expect(shown).toMatchObject({ valid: false, token: 'an-old-token-to-be-shown' });
  });

  it('finds what tt-token has stored', async () => {
    const { run } = await createPlace();
    const fetched = parseJson(await run(['--output', 'json']));
    const verified = parseJson(await run(['--verify', '--output', 'json']));
    expect(verified).toMatchObject({ valid: true, expiry_time: fetched.expiry_time });
    expect(verified.expiry_time).toEqual(anIsoTime);
  });

  it('exits with 2 without the app key, which tells whose token it is', async () => {
    const { run } = await createPlace();
    const { code, stdout, stderr } = await run(['--verify'], { env: { TT_API_KEY: undefined } });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^tt-token: TT_API_KEY must be set, .*\n$/);
  });
});

describe('the reason why a token is not valid', () => {
  /** Verifies, and returns reason and error, which the text repeats. */
  async function reasonOf({ run }: Place, ...args: readonly string[]) {
    const finished = await run(['--verify', '--output', 'json', ...args]);
    expect(finished.code).toBe(3);
    const { reason, error } = parseJson(finished);
    const text = await run(['--verify', ...args]);
    expect(text.stdout).toBe(`not valid: ${String(error)}\n`);
    return { reason, error };
  }

  it.each(['', 'not json', '[]', '{"version":1,"token":{"accessToken":7}}', '{"version":2}'])(
    'is that the file is corrupt, for %j',
    async (garbage) => {
      const place = await createPlace();
      await writeFile(place.tokenFile, garbage);
      expect(await reasonOf(place)).toEqual({
        reason: 'corrupt',
        error: `what ${place.tokenFile} holds is corrupt`,
      });
    },
  );

  it('is that one part of a record is wrong, or its token dated ahead', async () => {
    const place = await createPlace();
    await place.storeToken(hourMs, 2 * hourMs);
    expect(await reasonOf(place)).toMatchObject({ reason: 'dated ahead' });
    const record = (await readFile(place.tokenFile, 'utf8')).replace(/"expiresAt":\d+/, '$&0e99');
    await writeFile(place.tokenFile, record);
    expect(await reasonOf(place)).toMatchObject({ reason: 'corrupt' });
  });

  it('is that the token is of another environment or base URL', async () => {
    const place = await createPlace();
    await place.storeToken(-hourMs, 2 * hourMs);
    const reason = 'of another key or environment';
    expect(await reasonOf(place, '--environment', 'SIM')).toMatchObject({ reason });
    expect(await reasonOf(place, '--base-url', 'http://127.0.0.1:1')).toMatchObject({ reason });
  });

  it('is that the file cannot be read', async () => {
    const place = await createPlace();
    await mkdir(place.tokenFile);
    expect(await reasonOf(place)).toEqual({
      reason: 'unreadable',
      error: expect.stringContaining('EINVAL') as string,
    });
  });

  it.runIf(process.getuid?.() === 0)('is that the file is of another user', async () => {
    const place = await createPlace();
    await symlink('elsewhere.json', place.tokenFile);
    await lchown(place.tokenFile, 4_321, 4_321);
    expect(await reasonOf(place)).toMatchObject({ reason: 'of another user' });
  });

  it('is the failure that is stored, too', async () => {
    const place = await createPlace();
    place.fake.failNextTokenRequests({ status: 401, count: Infinity });
    expect((await place.run([])).code).toBe(1);
    const { reason, error } = await reasonOf(place);
    expect(reason).toMatch(/^none; CREDENTIALS_REJECTED: .*401/);
    expect(error).toContain('; the last attempt to get one failed: CREDENTIALS_REJECTED: ');
  });
});

describe('tt-token --verify --min-seconds', () => {
  it('exits with 3 for a token that ends before', async () => {
    const { run, storeToken, tokenFile } = await createPlace();
    const expiry = await storeToken(-hourMs, hourMs);
    expect((await run(['--verify', '--min-seconds', '3500'])).code).toBe(0);
    expect((await run(['--verify', '--min-seconds', '0'])).code).toBe(0);
    const args = ['--online', '--min-seconds', '3601'];
    const text = await run(args);
    expect(text).toMatchObject({ code: 3, stderr: '' });
    expect(text.stdout).toMatch(/^not valid: the token expires at .*, before the 3601 s of /);
    expect(parseJson(await run([...args, '--output', 'json']))).toMatchObject({
      valid: false,
      token_file: tokenFile,
      expiry_time: expiry,
      code: 'TOKEN_EXPIRES_SOON',
      reason: 'expires too soon',
    });
  });
});

describe('tt-token --verify --output token', () => {
  it('prints a valid token, and nothing on stdout for another', async () => {
    const { run, storeToken } = await createPlace();
    const args = ['--verify', '--output', 'token'];
    await storeToken(-hourMs, hourMs, 'a-token-to-be-printed');
    expect(await run(args)).toEqual({ code: 0, stdout: 'a-token-to-be-printed\n', stderr: '' });
    await storeToken(-2 * hourMs, -hourMs, 'a-token-of-yesterday');
    const { code, stdout, stderr } = await run(args);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(/^tt-token: not valid: the token expired at .*\n$/);
  });
});
