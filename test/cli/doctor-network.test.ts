import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createRedactor } from '../../src/base/redactor.js';
import { carryOut } from '../../src/cli/commands/doctor.js';
import { clockAndNetwork } from '../../src/cli/doctor/network.js';
import { proxyOf } from '../../src/cli/proxy.js';
import { lookAtVersion } from '../../src/cli/doctor/runtime.js';
import type { Scene } from '../../src/cli/doctor/scene.js';
import { resolveOptions, type TokenManagerOptions } from '../../src/options/options.js';
import { createPlace } from './command.js';
import { examine, found } from './doctor.js';

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return (server.address() as AddressInfo).port;
}

/** A server whose clock is so many seconds off. */
function serverOff(seconds: number): Server {
  return createServer((_, response) => {
    response.setHeader('date', new Date(Date.now() + seconds * 1_000).toUTCString());
    response.end();
  });
}

describe('the network', () => {
  it('may have no name for the host', async () => {
    // A name that no server has to be asked for.
    const env = { TT_BASE_URL: `https://${'a'.repeat(64)}.invalid` };
    const { problems } = await examine(await createPlace(), env);
    const { message } = problems.find(({ name }) => name === 'DNS') ?? {};
    expect(problems).toEqual([found('DNS', 'wrong', 'is not found', 'name servers')]);
    expect(message).toMatch(/ENOTFOUND|EAI_AGAIN/);
  });

  it('may refuse the connection', async () => {
    const place = await createPlace();
    await place.fake.close();
    const { problems } = await examine(place);
    const said = `${place.fake.url} was not reached: connect ECONNREFUSED`;
    expect(problems).toEqual([found('network', 'wrong', said, 'nothing listens there')]);
  });

  it('may be at a port to which fetch never connects', async () => {
    for (const port of [6000, 10080]) {
      const env = { TT_BASE_URL: `http://127.0.0.1:${port}` };
      const { problems } = await examine(await createPlace(), env);
      expect(problems).toEqual([found('network', 'wrong', `:${port} was not`, 'standard blocks')]);
    }
  });

  it('may end at a certificate that is not trusted, or at a port without TLS', async () => {
    const place = await createPlace();
    const key = join(place.folder, 'key.pem');
    const cert = join(place.folder, 'cert.pem');
    const args = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=tt'];
    const names = ['-addext', 'subjectAltName=IP:127.0.0.1'];
    await promisify(execFile)('openssl', [...args, ...names, '-keyout', key, '-out', cert]);
    const server = createSecureServer({ key: await readFile(key), cert: await readFile(cert) });
    const env = { TT_BASE_URL: `https://127.0.0.1:${await listen(server)}` };
    const { problems } = await examine(place, env);
    expect(problems).toEqual([
      found('network', 'wrong', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'NODE_EXTRA_CA_CERTS'),
    ]);

    const plain = { TT_BASE_URL: place.fake.url.replace('http:', 'https:') };
    const without = await examine(place, plain);
    expect(without.problems).toEqual([found('network', 'wrong', 'ERR_SSL', 'no TLS on that port')]);
  });

  it.each([
    [45, '45 s behind'],
    [-3_600, '3600 s ahead of'],
  ])('may show that this clock is wrong: server %d s', async (seconds, said) => {
    const env = { TT_BASE_URL: `http://127.0.0.1:${await listen(serverOff(seconds))}` };
    const { problems } = await examine(await createPlace(), env);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ name: 'clock', status: 'wrong' });
    const [about] = said.split(' ');
    expect(Number.parseInt(problems[0]?.message ?? '', 10)).toBeCloseTo(Number(about), -1);
    expect(problems[0]?.message).toContain(said.replace(/^\d+ /, ''));
  });

  it.each([20, -20])('lets a clock be %d s off', async (seconds) => {
    const env = { TT_BASE_URL: `http://127.0.0.1:${await listen(serverOff(seconds))}` };
    expect((await examine(await createPlace(), env)).problems).toEqual([]);
  });

  it('may tell no time', async () => {
    const server = createServer((_, response) => {
      response.sendDate = false;
      response.end();
    });
    const env = { TT_BASE_URL: `http://127.0.0.1:${await listen(server)}` };
    const { problems } = await examine(await createPlace(), env);
    expect(problems).toEqual([found('clock', 'warning', 'has no date')]);
  });
});

describe('--online', () => {
  it('asks for a token and keeps nothing of it', async () => {
    const place = await createPlace();
    const { problems, find } = await examine(place, {}, '--online');
    expect(problems).toEqual([]);
    expect(find('token request')?.message).toMatch(/^TT gave a token, valid until .*not kept$/);
    expect(place.fake.tokenRequests).toHaveLength(1);
    await expect(place.readStored()).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it.each([401, 400])('says that TT refused key or secret (%d)', async (status) => {
    const place = await createPlace();
    place.fake.failNextTokenRequests({ status, body: { message: 'no' } });
    const { problems } = await examine(place, {}, '--online');
    expect(problems).toEqual([
      found(
        'token request',
        'wrong',
        `CREDENTIALS_REJECTED: TT refused the app key or secret (${status})`,
        'TT_API_SECRET',
      ),
    ]);
  });

  it('suspects a key of LIVE on UAT, and one of UAT on LIVE', async () => {
    const place = await createPlace();
    place.fake.failNextTokenRequests({ status: 403, count: 2 });
    const uat = await examine(place, {}, '--online');
    expect(uat.problems).toEqual([
      found('token request', 'wrong', '403', 'this was UAT: is it one of LIVE?'),
    ]);
    const live = await examine(place, { TT_ENVIRONMENT: 'LIVE' }, '--online');
    expect(live.find('token request')?.advice).toContain('TT_ENVIRONMENT=UAT');
  });

  it.each([
    [{ status: 429 }, 'TOKEN_RATE_LIMITED', 'wait'],
    [{ status: 500 }, 'TOKEN_REQUEST_FAILED', 'network'],
    [{ status: 200, body: {} }, 'TOKEN_RESPONSE_INVALID', 'TT_BASE_URL'],
  ])('says what else came, %j', async (fault, code, advice) => {
    const place = await createPlace();
    place.fake.failNextTokenRequests(fault);
    const { problems } = await examine(place, {}, '--online');
    expect(problems).toEqual([found('token request', 'wrong', code, advice)]);
  });
});

describe('Node', () => {
  it.each([
    ['20.19.0', 'ok'],
    ['24.1.0', 'ok'],
    ['20.18.3', 'wrong'],
    ['18.20.0', 'wrong'],
  ])('%s is %s', (version, status) => {
    expect(lookAtVersion(version)).toMatchObject({ status });
  });
});

describe('a proxy', () => {
  const url = new URL('https://ttrestapi.trade.tt');
  const node = { version: '24.21.0', hasProxies: true, switchesOn: true, execArgv: [] };
  const old = { ...node, version: '20.19.0', hasProxies: false, switchesOn: false };
  const proxy = 'http://user:pass-word@proxy.example:3128';

  it('is found where this Node cannot use it', async () => {
    const { problems } = await examine(await createPlace(), { http_proxy: 'http://127.0.0.1:1' });
    const isAble = process.allowedNodeEnvironmentFlags.has('--use-env-proxy');
    if (!isAble) expect(problems).toEqual([found('proxy', 'wrong', 'HTTP_PROXY', '')]);
    const { finding, used } = proxyOf({ HTTPS_PROXY: proxy }, url, old);
    expect(finding).toMatchObject({ status: 'wrong' });
    expect(finding.message).toContain('HTTPS_PROXY is set, but Node 20.19.0 cannot use');
    expect(used).toBeUndefined();
  });

  it('is used by the command alone, where Node was not told to use it', () => {
    const { finding, used } = proxyOf({ HTTP_PROXY: proxy }, url, node);
    expect(finding).toMatchObject({ status: 'warning' });
    expect(finding.advice).toContain('set NODE_USE_ENV_PROXY=1');
    expect(finding.message).not.toContain('pass-word');
    expect(used?.host).toBe('proxy.example:3128');
    const unable = proxyOf({ HTTP_PROXY: proxy }, url, { ...node, switchesOn: false });
    expect(unable.finding).toMatchObject({ status: 'wrong', advice: 'set NODE_USE_ENV_PROXY=1' });
  });

  it.each([
    [{ NODE_USE_ENV_PROXY: '1' }, []],
    [{ NODE_OPTIONS: '--use-env-proxy' }, []],
    [{}, ['--use-env-proxy']],
  ])('is used by all where Node was told so: %j %j', (environment, execArgv) => {
    const told = proxyOf({ ...environment, HTTP_PROXY: proxy }, url, { ...node, execArgv });
    expect(told.finding).toMatchObject({ status: 'ok' });
    expect(told.used?.host).toBe('proxy.example:3128');
  });

  it.each([
    ['*', true],
    ['localhost, ttrestapi.trade.tt', true],
    ['.trade.tt', true],
    ['*.trade.tt:443', true],
    ['ttrestapi.trade.tt:8443', false],
    ['trade.tt', false],
  ])('is not used where NO_PROXY is %j: %s', (noProxy, isExempt) => {
    const { finding } = proxyOf({ HTTPS_PROXY: proxy, NO_PROXY: noProxy }, url, old);
    expect(finding.status).toBe(isExempt ? 'ok' : 'wrong');
    if (isExempt) expect(finding.message).toContain('NO_PROXY covers ttrestapi.trade.tt');
  });

  it.each([
    [{ HTTPS_PROXY: proxy }, 'http://127.0.0.1:8080', 'ok'],
    [{ HTTPS_PROXY: 'no url' }, url.href, 'wrong'],
  ])('may not fit: %j for %s', (environment, target, status) => {
    const variables = { NODE_USE_ENV_PROXY: '1', ...environment };
    expect(proxyOf(variables, new URL(target), node).finding).toMatchObject({ status });
  });
});

describe('a check', () => {
  const redact = createRedactor();
  const given = { apiKey: 'k', apiSecret: 's', appName: 'a', companyName: 'c' };
  const scene = (options: Partial<TokenManagerOptions> = {}): Scene => ({
    options: {},
    environment: {},
    resolved: resolveOptions({ ...given, ...options }),
    faulty: new Set(),
    redact,
  });

  it('that fails is a finding', async () => {
    const look = () => Promise.reject(new Error('a defect'));
    const findings = await carryOut({ name: 'any', needs: [], look }, scene());
    expect(findings).toEqual([found('any', 'wrong', 'the check failed: a defect', 'report')]);
  });

  it('of a server that does not answer ends', async () => {
    const port = await listen(createServer(() => undefined));
    const slow = scene({ baseUrl: `http://127.0.0.1:${port}`, timeoutMs: 50 });
    expect(await clockAndNetwork.look(slow)).toContainEqual(
      found('network', 'wrong', 'did not answer within 50 ms', 'proxy'),
    );
  });
});
