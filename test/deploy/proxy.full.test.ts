import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { FakeTT } from '../../src/testing/index.js';
import { startConnectProxy } from '../helpers/connect-proxy.js';
import { run, setUp } from '../helpers/examples.js';

const host = 'ttrestapi.trade.tt';

/** TLS in front of the stand-in, with a certificate for TT's name that a CA of our own has made. */
async function startTls(tt: FakeTT, folder: string) {
  const [key, ca] = [join(folder, 'key.pem'), join(folder, 'ca.pem')];
  const certificate = ['-days', '1', '-subj', '/CN=Test', '-addext', `subjectAltName=DNS:${host}`];
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  execFileSync('openssl', ['req', '-x509', ...newKey, ...certificate, '-keyout', key, '-out', ca], {
    stdio: 'ignore',
  });
  const target = Number(new URL(tt.url).port);
  const server = createServer({ key: readFileSync(key), cert: readFileSync(ca) }, (near) => {
    const far = connect(target, '127.0.0.1').on('error', () => near.destroy());
    near.on('error', () => far.destroy());
    far.pipe(near).pipe(far);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, ca };
}

/** The example in a firm whose proxy is the only way to TT. */
async function setFirm() {
  const { tt, folder, variables } = await setUp();
  const { port, ca } = await startTls(tt, folder);
  const proxy = await startConnectProxy(port);
  onTestFinished(() => proxy.close());
  const { TT_BASE_URL, ...rest } = variables;
  expect(TT_BASE_URL).toBe(tt.url); // not given to the example: it asks for the real name
  return { tt, proxy, variables: rest, ca };
}

describe('examples/proxy.ts', () => {
  it.each(['FIRM_CA', 'NODE_EXTRA_CA_CERTS'])(
    'sends the token request and the calls of both clients through the proxy, trusting %s',
    async (trust) => {
      const { tt, proxy, variables, ca } = await setFirm();
      const ended = await run('proxy.ts', { ...variables, HTTPS_PROXY: proxy.url, [trust]: ca });
      expect(ended).toEqual({
        exitCode: 0,
        stdout: 'fetch GET markets 200\naxios GET markets 200\n',
        stderr: '',
      });
      expect([tt.tokenRequests.length, tt.requests.length]).toEqual([1, 2]);
      // One tunnel for fetch and the token request, which share a dispatcher, and one for axios.
      expect(proxy.log).toEqual([`CONNECT ${host}:443 200`, `CONNECT ${host}:443 200`]);
    },
  );

  it('says in one line that the proxy wants another password, and shows neither', async () => {
    const { tt, proxy, variables } = await setFirm();
    const HTTPS_PROXY = proxy.url.replace('pass%20word', 'wrong-word');
    const { exitCode, stdout, stderr } = await run('proxy.ts', { ...variables, HTTPS_PROXY });
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^proxy: [^\n]+\n$/);
    expect(stderr).toContain('407');
    expect(stderr).not.toMatch(/wrong-word|pass.*word/);
    expect(tt.tokenRequests).toHaveLength(0);
    expect(new Set(proxy.log)).toEqual(new Set([`CONNECT ${host}:443 407`]));
  });

  it('says in one line that no proxy is set', async () => {
    const { variables } = await setUp();
    const ended = await run('proxy.ts', variables);
    expect(ended).toEqual({ exitCode: 1, stdout: '', stderr: 'proxy: HTTPS_PROXY must be set\n' });
  });
});
