import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { anIsoTime, aText, createPlace, parseJson } from './command.js';

const hourMs = 3_600_000;

describe('tt-token', () => {
  it('gets a token and says until when it is valid, but not the token', async () => {
    const { fake, start: run } = await createPlace();
    const { code, stdout, stderr } = await run([]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^token valid until \d{4}-\S+Z \(in 23 h 59 min\)\n$/);
    expect(fake.tokenRequests).toHaveLength(1);
  });

  it('costs no token request while the stored token is valid', async () => {
    const { fake, run } = await createPlace();
    const first = await run(['--output', 'json']);
    const second = await run(['--output', 'json']);
    expect(parseJson(second).expiry_time).toBe(parseJson(first).expiry_time);
    expect(fake.tokenRequests).toHaveLength(1);
  });

  it('keeps the token in the state folder of the user where no file is named', async () => {
    const { fake, folder, start: run } = await createPlace();
    const env = { TT_TOKEN_FILE: undefined, XDG_STATE_HOME: join(folder, 'state') };
    await run([], { env });
    await run([], { env });
    expect(fake.tokenRequests).toHaveLength(1);
    if (process.platform !== 'linux') return;
    const [file] = await readdir(join(folder, 'state', 'tt-token-manager'));
    expect(file).toMatch(/^tt_token_UAT_[0-9a-f]{16}\.json$/);
  });

  it('fetches a new token whatever the state with --force-refresh', async () => {
    const { fake, run, readStored } = await createPlace();
    await run([]);
    expect((await run(['--force-refresh'])).code).toBe(0);
    expect(fake.tokenRequests).toHaveLength(2);
    expect((await readStored()).token?.accessToken).toBe(fake.tokenRequests[1]?.accessToken);
  });

  it('fetches a new token when the stored one has expired', async () => {
    const { fake, run, storeToken } = await createPlace();
    await storeToken(-2 * hourMs, -hourMs);
    expect((await run([])).stdout).toContain('in 23 h 59 min');
    expect(fake.tokenRequests).toHaveLength(1);
  });

  it('answers with an ageing token and ends when its refresh has ended', async () => {
    const { fake, start: run, storeToken, readStored } = await createPlace();
    const expiry = await storeToken(-2 * hourMs, 5 * 60_000);
    const finished = await run([]);
    expect(finished).toMatchObject({ code: 0, stderr: '' });
    expect(finished.stdout).toContain(expiry);
    expect(fake.tokenRequests).toHaveLength(1);
    expect((await readStored()).token?.accessToken).toBe(fake.tokenRequests[0]?.accessToken);
  });

  it('answers with an ageing token though the endpoint fails', async () => {
    const { fake, start: run, storeToken } = await createPlace();
    const expiry = await storeToken(-2 * hourMs, 5 * 60_000);
    fake.failNextTokenRequests({ status: 500, count: Infinity });
    const finished = await run([]);
    expect(finished).toMatchObject({ code: 0, stderr: '' });
    expect(finished.stdout).toContain(expiry);
  });

  it('prints the token with --show only', async () => {
    const { fake, run } = await createPlace();
    const { stdout } = await run(['--show']);
    expect(stdout).toContain(`\ntoken: ${String(fake.tokenRequests[0]?.accessToken)}\n`);
    const shown = parseJson(await run(['--show', '--output', 'json']));
    expect(shown.token).toBe(fake.tokenRequests[0]?.accessToken);
  });

  it('prints one JSON object with --output json', async () => {
    const { run, tokenFile } = await createPlace();
    const finished = await run(['--output=json']);
    expect(finished).toMatchObject({ code: 0, stderr: '' });
    const fields = parseJson(finished);
    expect(fields).toEqual({
      success: true,
      token_file: tokenFile,
      expiry_time: anIsoTime,
      seconds_until_expiry: expect.any(Number) as number,
    });
    const seconds = (Date.parse(String(fields.expiry_time)) - Date.now()) / 1_000;
    expect(Math.abs(Number(fields.seconds_until_expiry) - seconds)).toBeLessThan(30);
  });

  it.each(['{"version":1', '[]', 'null', '', '\0\0\0'])(
    'replaces a token file that holds %j',
    async (garbage) => {
      const { fake, run, tokenFile, readStored } = await createPlace();
      await writeFile(tokenFile, garbage);
      expect(await run([])).toMatchObject({ code: 0, stderr: '' });
      expect((await readStored()).token?.accessToken).toBe(fake.tokenRequests[0]?.accessToken);
    },
  );

  it('gets a token and warns in one line where the token file is a folder', async () => {
    const { run, tokenFile } = await createPlace();
    await mkdir(tokenFile);
    const { code, stdout, stderr } = await run([]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^token valid until .*\n$/);
    expect(stderr).toMatch(/^tt-token: warning: the token file .*not a regular file.*\n$/);
    const json = parseJson(await run(['--output', 'json']));
    expect(json).toMatchObject({ success: true, token_file: tokenFile, stored: false });
  });
});

describe('tt-token --output token', () => {
  it('prints the bare token in one line, and nothing else', async () => {
    const { fake, run } = await createPlace();
    const { code, stdout, stderr } = await run(['--output', 'token']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(`${String(fake.tokenRequests[0]?.accessToken)}\n`);
  });

  it('prints nothing on stdout where it fails', async () => {
    const { fake, run } = await createPlace();
    fake.failNextTokenRequests({ status: 401 });
    const refused = await run(['--output', 'token']);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(/^tt-token: .+\n$/);
    const wrong = await run(['--output', 'token', '--environment', 'TEST']);
    expect(wrong).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('a token request that fails', () => {
  it.each([
    [{ status: 500 }, 'TOKEN_REQUEST_FAILED'],
    [{ status: 503, count: Infinity }, 'TOKEN_REQUEST_FAILED'],
    [{ status: 401 }, 'CREDENTIALS_REJECTED'],
    [{ status: 403 }, 'CREDENTIALS_REJECTED'],
    [{ status: 200, body: { status: 'Fail', status_message: 'no' } }, 'CREDENTIALS_REJECTED'],
    [{ status: 200, body: '<html>' }, 'TOKEN_RESPONSE_INVALID'],
    [{ status: 429 }, 'TOKEN_RATE_LIMITED'],
  ])('exits with 1 after %j and names %s', async (failure, code) => {
    const { fake, run } = await createPlace();
    fake.failNextTokenRequests(failure);
    const text = await run([]);
    expect(text).toMatchObject({ code: 1, stdout: '' });
    expect(text.stderr).toMatch(/^tt-token: .+; .+\n$/);
    fake.failNextTokenRequests({ ...failure, count: Infinity });
    const json = await run(['--output', 'json', '--force-refresh']);
    expect(json).toMatchObject({ code: 1, stderr: '' });
    expect(parseJson(json)).toEqual({ success: false, error: aText, code, retry_at: anIsoTime });
  });

  it('says when the next request is due, and sends none before, even when forced', async () => {
    const { fake, run } = await createPlace();
    const before = Date.now();
    fake.failNextTokenRequests({ status: 429, retryAfterSeconds: 600 });
    const first = parseJson(await run(['--output', 'json']));
    const retryAt = Date.parse(String(first.retry_at));
    expect(retryAt - before).toBeGreaterThanOrEqual(600_000);
    const { code, stderr } = await run(['--force-refresh']);
    expect(code).toBe(1);
    expect(stderr).toContain(String(first.retry_at));
    expect(fake.tokenRequests).toHaveLength(1);
  });

  it('exits with 1 where nothing listens', async () => {
    const { fake, start: run } = await createPlace();
    await fake.close();
    const { code, stderr } = await run([]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^tt-token: .*not reached.* ECONNREFUSED .*\n$/);
    expect(stderr.match(/check/g)).toHaveLength(1);
  });

  it('repeats nothing of a secret that the endpoint echoes', async () => {
    const { fake, run } = await createPlace();
    const message = `bad ${fake.apiKey}:${fake.apiSecret} or ${fake.apiSecret.slice(3, 15)}`;
    fake.failNextTokenRequests({ status: 401, body: { message }, count: 2 });
    expect((await run([])).code).toBe(1);
    expect((await run(['--force-refresh', '--output', 'json'])).code).toBe(1);
  });
});
