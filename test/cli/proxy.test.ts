import { describe, expect, it } from 'vitest';
import { startForwardProxy } from '../helpers/forward-proxy.js';
import { createPlace } from './command.js';

/** The Node that runs the tests, or another one. */
const node = process.env.PROXY_TEST_NODE ?? process.execPath;
const isAble =
  node !== process.execPath || process.allowedNodeEnvironmentFlags.has('--use-env-proxy');

describe.runIf(isAble)('tt-token behind a proxy, on a Node that can use it', () => {
  it('asks through the proxy of HTTP_PROXY', async () => {
    const { fake, start } = await createPlace();
    const proxy = await startForwardProxy();
    const env = { HTTP_PROXY: proxy.url };
    expect(await start(['--output', 'json'], { env, executable: node })).toMatchObject({
      code: 0,
      stderr: '',
    });
    expect(await start(['--online'], { env, executable: node })).toMatchObject({ code: 0 });
    expect(proxy.seen).toHaveLength(2);
    expect(fake.tokenRequests).toHaveLength(1);
  });

  it('lets the doctor look through it, and say who uses it', async () => {
    const { fake, start } = await createPlace();
    const proxy = await startForwardProxy();
    const env = { HTTP_PROXY: proxy.url };
    const { code, stdout } = await start(['doctor', '--online'], { env, executable: node });
    expect(stdout).toMatch(/answers through the proxy 127\.0\.0\.1:\d+/);
    expect(stdout).toContain('TT gave a token');
    expect(code).toBe(0);
    expect(proxy.seen).toHaveLength(2);
    expect(fake.tokenRequests).toHaveLength(1);
  });

  it('lets the doctor find a proxy that is no URL', async () => {
    const { start } = await createPlace();
    const env = { HTTP_PROXY: 'no url' };
    const { code, stdout } = await start(['doctor'], { env, executable: node });
    expect(stdout).toContain('HTTP_PROXY is no URL');
    expect(code).toBe(1);
  });

  it('asks hosts of NO_PROXY itself', async () => {
    const { fake, start } = await createPlace();
    const proxy = await startForwardProxy();
    const env = { http_proxy: proxy.url, NO_PROXY: '127.0.0.1' };
    expect(await start([], { env, executable: node })).toMatchObject({ code: 0, stderr: '' });
    expect(proxy.seen).toEqual([]);
    expect(fake.tokenRequests).toHaveLength(1);
  });
});

describe.runIf(!isAble)('tt-token behind a proxy, on a Node that cannot use it', () => {
  it.each([[[]], [['--online']]])('says so where it fails, given %j', async (args) => {
    const { fake, run, storeToken } = await createPlace();
    await storeToken(-1_000, args.length > 0 ? 3_600_000 : 1);
    await fake.close();
    const env = { HTTPS_PROXY: 'http://user:password@127.0.0.1:9' };
    const { code, stderr } = await run(args, { env });
    expect(code).toBe(1);
    expect(stderr).toContain(
      `; HTTPS_PROXY is set, but Node ${process.versions.node} cannot use a proxy from the environment: use Node 22.21, 24.5 or newer`,
    );
    expect(stderr).not.toContain('password');
    expect((await run(args)).stderr).not.toContain('PROXY');
  });
});
