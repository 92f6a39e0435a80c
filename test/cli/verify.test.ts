import { appendFile, mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { anIsoTime, aText, createPlace, parseJson } from './command.js';

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
    const { run, storeToken } = await createPlace();
    const expiry = await storeToken(-hourMs, 2 * hourMs);
    const finished = await run(['--verify', '--output', 'json'], { env: needless });
    expect(finished).toMatchObject({ code: 0, stderr: '' });
    expect(parseJson(finished)).toEqual({
      success: true,
      valid: true,
      token_exists: true,
      expiry_time: expiry,
      seconds_until_expiry: expect.any(Number) as number,
    });
  });

  it('exits with 3 where there is no token, and names no expiry', async () => {
    const { fake, run } = await createPlace();
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
    });
    expect(fake.tokenRequests).toHaveLength(0);
  });

  it('exits with 3 for an expired token, and names its expiry', async () => {
    const { run, storeToken } = await createPlace();
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
