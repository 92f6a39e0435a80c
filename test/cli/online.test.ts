import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { askApi } from '../../src/cli/ask-api.js';
import { resolveOptions, type TokenManagerOptions } from '../../src/options/options.js';
import { createRedactor } from '../../src/base/redactor.js';
import { startFakeTT } from '../../src/testing/index.js';
import { anIsoTime, aText, createPlace, parseJson, type Place } from './command.js';

const hourMs = 3_600_000;
const json = ['--online', '--output', 'json'];
const token = { accessToken: 't', tokenType: 'bearer', obtainedAt: 0, expiresAt: 1 };

/** Asks an API whose settings no variable gives. */
function ask(options: Partial<TokenManagerOptions>): Promise<string | undefined> {
  const given = { apiKey: 'a-key', apiSecret: 'a-secret', appName: 'a', companyName: 'c' };
  return askApi(resolveOptions({ ...given, ...options }), token, createRedactor());
}

/** A place where a token has been fetched. */
async function createPlaceWithToken(): Promise<Place> {
  const place = await createPlace();
  expect((await place.run([])).code).toBe(0);
  return place;
}

describe('tt-token --verify --online', () => {
  it.each([[['--verify', '--online']], [['--online']]])(
    'asks the API with the token, given %j, and needs no secret',
    async (args) => {
      const { fake, run } = await createPlaceWithToken();
      const finished = await run(args, { env: { TT_API_SECRET: undefined } });
      expect(finished).toMatchObject({ code: 0, stderr: '' });
      expect(finished.stdout).toMatch(/^valid and accepted by the API, until .*\n$/);
      expect(fake.requests).toHaveLength(1);
      expect(fake.requests[0]).toMatchObject({
        method: 'GET',
        path: '/ttpds/ext_uat_cert/markets',
        status: 200,
      });
      expect(fake.tokenRequests).toHaveLength(1);
    },
  );

  it('says so in JSON, and shows the token with --show only', async () => {
    const { fake, run, tokenFile } = await createPlaceWithToken();
    const found = {
      success: true,
      valid: true,
      token_exists: true,
      token_file: tokenFile,
      expiry_time: anIsoTime,
      seconds_until_expiry: expect.any(Number) as number,
    };
    expect(parseJson(await run(json))).toEqual(found);
    const token = fake.tokenRequests[0]?.accessToken;
    expect(parseJson(await run([...json, '--show']))).toEqual({ ...found, token });
  });

  it('exits with 3 for a token that the API refuses, and refreshes nothing', async () => {
    const { fake, run } = await createPlaceWithToken();
    fake.revokeAll();
    const text = await run(['--online']);
    expect(text).toMatchObject({ code: 3, stderr: '' });
    expect(text.stdout).toMatch(/^not valid: the API answered 401: Unauthorized; .*\n$/);
    const finished = await run(json);
    expect(finished.code).toBe(3);
    expect(parseJson(finished)).toMatchObject({
      success: false,
      valid: false,
      token_exists: true,
      expiry_time: anIsoTime,
      code: 'TOKEN_REJECTED',
      reason: 'refused',
    });
    expect(fake.tokenRequests).toHaveLength(1);
  });

  it('exits with 3 for a 403 that names expiry', async () => {
    const { fake, run } = await createPlaceWithToken();
    fake.failNextRequests({ status: 403, body: { message: 'The incoming token has expired' } });
    expect((await run(['--online'])).code).toBe(3);
  });

  it.each([
    [{ status: 403 }, 'API_REQUEST_FAILED'],
    [{ status: 404 }, 'API_REQUEST_FAILED'],
    [{ status: 500 }, 'API_REQUEST_FAILED'],
    [{ status: 503, body: '<html>' }, 'API_REQUEST_FAILED'],
    [{ status: 204 }, 'API_REQUEST_FAILED'],
    [{ status: 429 }, 'API_RATE_LIMITED'],
  ])('exits with 1 after %j and names %s', async (failure, code) => {
    const { fake, run } = await createPlaceWithToken();
    fake.failNextRequests({ ...failure, count: 2 });
    const text = await run(['--online']);
    expect(text).toMatchObject({ code: 1, stdout: '' });
    expect(text.stderr).toMatch(/^tt-token: the API answered \d{3}.*; .+\n$/);
    const finished = await run(json);
    expect(finished).toMatchObject({ code: 1, stderr: '' });
    expect(parseJson(finished)).toEqual({ success: false, error: aText, code });
  });

  it('says when to come back, where the API does', async () => {
    const { fake, run } = await createPlaceWithToken();
    const before = Date.now();
    fake.failNextRequests({ status: 429, retryAfterSeconds: 60 });
    const { retry_at } = parseJson(await run(json));
    expect(retry_at).toEqual(anIsoTime);
    expect(Date.parse(String(retry_at))).toBeGreaterThanOrEqual(before + 60_000);
  });

  it('exits with 1 where nothing listens', async () => {
    const { fake, run } = await createPlaceWithToken();
    await fake.close();
    const { code, stdout, stderr } = await run(['--online']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^tt-token: the API at \S+ was not reached: connect ECONNREFUSED \S+; /);
    expect(stderr.match(/check/g)).toHaveLength(1);
  });

  it('takes no token to an origin that is not trusted', async () => {
    const { fake, run } = await createPlaceWithToken();
    const elsewhere = await createPlace();
    const location = `${elsewhere.fake.url}/ttpds/ext_uat_cert/markets`;
    fake.redirect('/ttpds/ext_uat_cert/markets', { status: 303, location });
    const { code, stderr } = await run(['--online']);
    expect(code).toBe(1);
    expect(stderr).toContain('redirects to an origin that is not trusted');
    expect(elsewhere.fake.requests).toHaveLength(0);
  });

  it('gives up on an API that does not answer in time', async () => {
    await using fake = await startFakeTT({ apiLatencyMs: hourMs });
    await expect(ask({ baseUrl: fake.url, timeoutMs: 50 })).rejects.toMatchObject({
      exitCode: 1,
      code: 'API_REQUEST_FAILED',
      message: expect.stringContaining('did not answer within 50 ms') as string,
    });
  });

  it('names the code of a failed connection, and what to do about it', async () => {
    const cause = Object.assign(new Error('a certificate of our own'), {
      code: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    });
    const fetch = () => Promise.reject(new TypeError('fetch failed', { cause }));
    await expect(ask({ fetch })).rejects.toMatchObject({
      message:
        'the API at https://ttrestapi.trade.tt was not reached: a certificate of our own ' +
        '(UNABLE_TO_GET_ISSUER_CERT_LOCALLY); set NODE_EXTRA_CA_CERTS to your CA file',
    });
  });

  it('reads no answer without end', async () => {
    const chunk = 'x'.repeat(65_536);
    const pour = (response: ServerResponse): void =>
      void response.write(chunk, (error) => !error && pour(response));
    const server = createServer((_, response) => pour(response.writeHead(500))).listen(0);
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const left = once(server, 'request').then(([, response]) =>
      once(response as ServerResponse, 'close'),
    );
    await expect(ask({ baseUrl: `http://127.0.0.1:${port}` })).rejects.toMatchObject({
      message: expect.stringMatching(/^the API answered 500; /) as string,
    });
    await left;
  });

  it('asks nobody about a token that is missing or expired', async () => {
    const { fake, run, storeToken } = await createPlace();
    expect((await run(['--online'])).code).toBe(3);
    await storeToken(-2 * hourMs, -hourMs);
    expect((await run(['--online'])).code).toBe(3);
    expect(fake.requests).toHaveLength(0);
    expect(fake.tokenRequests).toHaveLength(0);
  });

  it('exits with 2 without the names that a request ID needs', async () => {
    const { run } = await createPlaceWithToken();
    const env = { TT_APP_NAME: undefined, TT_COMPANY_NAME: '' };
    const { code, stderr } = await run(['--online'], { env });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^tt-token: TT_APP_NAME, TT_COMPANY_NAME must be set, .*\n$/);
  });

  it('repeats nothing secret that the API echoes', async () => {
    const { fake, run } = await createPlaceWithToken();
    const token = String(fake.tokenRequests[0]?.accessToken);
    const message = `bad ${token} ${token.slice(2, 14)} ${fake.apiKey.slice(2, 14)} ${fake.apiSecret}`;
    fake.failNextRequests({ status: 500, body: { message } });
    expect((await run(['--online'])).code).toBe(1);
    fake.failNextRequests({ status: 401, body: { message } });
    expect((await run(json)).code).toBe(3);
  });
});
