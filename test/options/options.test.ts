import { afterEach, describe, expect, it, vi } from 'vitest';
import { createTokenManager } from '../../src/index.js';
import {
  resolveOptions,
  type ResolvedOptions,
  type TokenManagerOptions,
} from '../../src/options/options.js';
import { memoryStore } from '../../src/stores/memory/index.js';
import { expectNoSecrets } from '../helpers/expect-no-secrets.js';

const apiKey = 'q7Zk-93vX1-w4Tj';
const secret = 'm5Rb-82yU6-h0Np';
const given: TokenManagerOptions = {
  apiKey,
  apiSecret: secret,
  appName: 'My App',
  companyName: 'Acme Co',
};

/** Resolves options of which some may be of any type. */
function resolveWith(changes: Record<string, unknown> = {}): ResolvedOptions {
  return resolveOptions({ ...given, ...changes });
}

function caught(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error('did not throw');
}

afterEach(() => void vi.unstubAllGlobals());

describe('a wrong option', () => {
  const wrongUrls = [
    '',
    'ttrestapi.trade.tt',
    '/ttid',
    '//ttrestapi.trade.tt',
    'https://',
    'ftp://tt.example',
    'file:///tmp',
    'http://ttrestapi.trade.tt',
    'http://0.0.0.0:80',
    'http://localhost.tt.example',
    'http://127.0.0.1.tt.example',
    'http://127.0.0.1@tt.example',
    `https://${apiKey}@tt.example`,
    `https://:${secret}@tt.example`,
    `https://tt.example/?key=${apiKey}`,
    `https://tt.example/#${secret}`,
    'https://*.tt.example',
    'https://tt-*.example:8443',
    'https://*',
    'https://%2A.example',
  ];
  const wrong: [name: string, kind: 'TypeError' | 'RangeError', values: unknown[]][] = [
    ['apiKey', 'TypeError', [undefined, null, 42, { apiKey }, [apiKey]]],
    ['apiKey', 'RangeError', ['', ` ${apiKey}`, `${apiKey}\n`, `${apiKey}é`]],
    ['apiKey', 'RangeError', [`${apiKey}:`, `${apiKey}:${secret}`]],
    ['apiSecret', 'TypeError', [undefined, null, 42, { secret }, [secret]]],
    ['apiSecret', 'RangeError', ['', ' \n', `${secret} ${secret}`, `${secret}é`]],
    ['apiSecret', 'RangeError', [`${apiKey}:`, `${apiKey}: ${secret}`]],
    ['appName', 'TypeError', [undefined, null, 42]],
    ['appName', 'RangeError', ['', ' \t', '@/:', '日本']],
    ['companyName', 'TypeError', [undefined, null, 42]],
    ['companyName', 'RangeError', ['', ' \t', '@/:', '😀']],
    ['environment', 'RangeError', ['', 'uat', 'PROD', 'ext_uat_cert', 'toString', 1, ['UAT']]],
    ['baseUrl', 'TypeError', [42, new URL('https://tt.example')]],
    ['baseUrl', 'RangeError', wrongUrls],
    ['allowInsecureHttp', 'TypeError', ['true', 1, 0, '']],
    ['tokenFile', 'TypeError', [42, null, {}]],
    ['tokenFile', 'RangeError', ['', 'token\0.json']],
    ['encryptionKey', 'TypeError', [42, null, {}]],
    ['encryptionKey', 'RangeError', ['', secret, new Uint8Array(31)]],
    ['store', 'TypeError', [null, 'file', {}, { open: true }, memoryStore]],
    ['refreshBufferMs', 'TypeError', ['600000', 10n, true, {}]],
    ['refreshBufferMs', 'RangeError', [-1, NaN, Infinity, 2 ** 31]],
    ['autoRefresh', 'TypeError', ['false', 0, 1]],
    ['timeoutMs', 'TypeError', ['10000', 10n, {}]],
    ['timeoutMs', 'RangeError', [0, 0.5, -1, NaN, Infinity, 2 ** 31]],
    ['trustedOrigins', 'TypeError', ['https://tt.example', {}, [42], [undefined]]],
    ['trustedOrigins', 'RangeError', [...wrongUrls.map((url) => [url]), ['*']]],
    ['trustedOrigins', 'RangeError', [['https://tt.example', 'https://tt.example/path']]],
    ['fetch', 'TypeError', [null, 'fetch', {}]],
  ];
  const cases = wrong.flatMap(([name, kind, values]) =>
    values.map((value) => ({ name, kind, value })),
  );

  it.each(cases)('$name: $value is a $kind that names it', ({ name, kind, value }) => {
    const error = caught(() => resolveWith({ [name]: value }));
    expect(error.constructor.name).toBe(kind);
    expect(error.message).toMatch(new RegExp(`^${name} `));
    expectNoSecrets({ apiKey, secret }, error);
  });

  it.each([[undefined], [null], ['options'], [42]])('options: %o is a TypeError', (value) => {
    expect(() => resolveOptions(value as unknown as TokenManagerOptions)).toThrow(
      new TypeError('options must be an object'),
    );
  });
});

describe('the options', () => {
  it('have the documented defaults, which an explicit undefined keeps', () => {
    const optional = {
      environment: undefined,
      baseUrl: undefined,
      allowInsecureHttp: undefined,
      tokenFile: undefined,
      encryptionKey: undefined,
      store: undefined,
      refreshBufferMs: undefined,
      autoRefresh: undefined,
      timeoutMs: undefined,
      trustedOrigins: undefined,
      fetch: undefined,
    };
    for (const resolved of [resolveWith(), resolveWith(optional)]) {
      expect({ ...resolved, baseUrl: resolved.baseUrl.href }).toEqual({
        apiKey,
        givenSecret: secret,
        readSecret: expect.any(Function) as unknown,
        requestIdPrefix: 'My_App-Acme_Co--',
        environment: 'UAT',
        baseUrl: 'https://ttrestapi.trade.tt/',
        tokenFile: undefined,
        encryptionKey: undefined,
        store: undefined,
        refreshBufferMs: 600_000,
        autoRefresh: true,
        timeoutMs: 10_000,
        trustedOrigins: [],
        fetch: expect.any(Function) as unknown,
      });
    }
  });

  it('are kept as given where they are right, limits included', () => {
    const changes = {
      environment: 'LIVE',
      tokenFile: 'token.json',
      store: memoryStore(),
      refreshBufferMs: 0,
      autoRefresh: false,
      timeoutMs: 2 ** 31 - 1,
      fetch: vi.fn(),
    };
    expect(resolveWith(changes)).toMatchObject(changes);
    expect(resolveWith({ refreshBufferMs: 2 ** 31 - 1, timeoutMs: 1 })).toMatchObject({
      refreshBufferMs: 2 ** 31 - 1,
      timeoutMs: 1,
    });
  });

  it('are a frozen copy that later changes do not reach, and leave the object alone', () => {
    const origins = ['https://tt-proxy.example'];
    const options = Object.freeze({ ...given, trustedOrigins: origins });
    const resolved = resolveOptions(options);
    expect(Object.isFrozen(resolved)).toBe(true);
    expect(Object.isFrozen(resolved.trustedOrigins)).toBe(true);
    expect(options).toEqual({ ...given, trustedOrigins: ['https://tt-proxy.example'] });
    origins.push('https://evil.example');
    expect(resolved.trustedOrigins).toEqual(['https://tt-proxy.example']);
  });

  it('are read once each, from a prototype too: a getter may make another value each time', () => {
    const reads: string[] = [];
    const values: Record<string, unknown> = { ...given, store: memoryStore(), tokenFile: 'a.json' };
    const getters = Object.keys(values).map((name) => {
      const get = () => (reads.push(name), values[name]);
      return [name, { get }] as const;
    });
    const prototype: object = Object.defineProperties({}, Object.fromEntries(getters));
    const options = Object.create(prototype) as TokenManagerOptions;
    createTokenManager(options);
    expect(reads.toSorted()).toEqual(Object.keys(values).toSorted());
  });

  it.each([
    ['https://tt.example', 'https://tt.example/'],
    ['HTTPS://TT.Example:443//', 'https://tt.example/'],
    ['https://tt.example/prefix/', 'https://tt.example/prefix'],
    ['https://tt.example:8443/a/b', 'https://tt.example:8443/a/b'],
  ])('bring the base URL %s into its normal form', (baseUrl, href) => {
    expect(resolveWith({ baseUrl }).baseUrl.href).toBe(href);
  });

  it.each([
    'http://localhost:8080',
    'http://127.0.0.1',
    'http://127.8.9.1:81',
    'http://127.1',
    'http://[::1]:1',
  ])('allow %s, which is this very machine', (url) => {
    expect(resolveWith({ baseUrl: url }).baseUrl.protocol).toBe('http:');
    expect(resolveWith({ trustedOrigins: [url] }).trustedOrigins).toEqual([new URL(url).origin]);
  });

  it('allow http: to another host where that is asked for', () => {
    const url = 'http://tt.internal:8080';
    const resolved = resolveWith({ baseUrl: url, trustedOrigins: [url], allowInsecureHttp: true });
    expect(resolved.baseUrl.origin).toBe(url);
    expect(resolved.trustedOrigins).toEqual([url]);
  });

  it('reduce trusted origins to their normal form', () => {
    const trustedOrigins = ['HTTPS://TT-Proxy.Example:443/', 'https://tt.example:8443'];
    expect(resolveWith({ trustedOrigins }).trustedOrigins).toEqual([
      'https://tt-proxy.example',
      'https://tt.example:8443',
    ]);
  });

  it('look for the global fetch at the time of the call', () => {
    const { fetch } = resolveWith();
    const stub = vi.fn();
    vi.stubGlobal('fetch', stub);
    void fetch('https://tt.example', { method: 'POST' });
    expect(stub.mock.calls).toEqual([['https://tt.example', { method: 'POST' }]]);
  });
});

describe('the secret', () => {
  it.each([
    ['bare', secret],
    ['joined', `${apiKey}:${secret}`],
    ['with white space around it', ` ${apiKey}:${secret}\r\n`],
    ['from a function', () => secret],
    ['from a file with a line end', () => `${secret}\n`],
    ['from a function, joined', () => `${apiKey}:${secret}`],
    ['from an asynchronous function', () => Promise.resolve(secret)],
  ])('is understood %s', async (_, apiSecret) => {
    expect(await resolveWith({ apiSecret }).readSecret()).toBe(secret);
  });

  it('is asked for each time, and not before it is needed', async () => {
    const vault = vi.fn(() => secret);
    const { readSecret } = resolveWith({ apiSecret: vault });
    expect(vault).not.toHaveBeenCalled();
    await readSecret();
    vault.mockReturnValueOnce('another');
    expect(await readSecret()).toBe('another');
    expect(vault).toHaveBeenCalledTimes(2);
  });

  it.each([
    [undefined, TypeError],
    [42, TypeError],
    ['', RangeError],
    [`${secret}\n${secret}`, RangeError],
    [`${apiKey}:`, RangeError],
  ])('%j from a function is refused without being shown', async (value, kind) => {
    const asked = resolveWith({ apiSecret: () => value }).readSecret();
    const error: unknown = await Promise.resolve(asked).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(kind);
    expect((error as Error).message).toMatch(/^apiSecret /);
    expectNoSecrets({ apiKey, secret }, error);
  });

  it('leaves it to a function that fails to say why', async () => {
    const apiSecret = () => Promise.reject(new Error('the vault is sealed'));
    await expect(resolveWith({ apiSecret }).readSecret()).rejects.toThrow('the vault is sealed');
  });
});
