import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { optionsFromEnv } from '../../src/options/from-env.js';
import { onWindows } from '../helpers/systems.js';

const required = {
  TT_API_KEY: 'a-key',
  TT_API_SECRET: 'a-secret',
  TT_APP_NAME: 'My App',
  TT_COMPANY_NAME: 'Acme Co',
};
const options = {
  apiKey: 'a-key',
  apiSecret: 'a-secret',
  appName: 'My App',
  companyName: 'Acme Co',
};

afterEach(() => void vi.unstubAllEnvs());

describe('optionsFromEnv', () => {
  it('leaves out what is not set', () => {
    expect(optionsFromEnv({ ...required, OTHER: 'x' })).toStrictEqual(options);
  });

  it('reads everything that may be set', () => {
    const env = {
      ...required,
      TT_ENVIRONMENT: 'SIM',
      TT_BASE_URL: 'https://tt.example',
      TT_TOKEN_FILE: '/tmp/token.json',
      TT_TOKEN_FILE_KEY: 'a-file-key',
    };
    expect(optionsFromEnv(env)).toStrictEqual({
      ...options,
      environment: 'SIM',
      baseUrl: 'https://tt.example',
      tokenFile: '/tmp/token.json',
      encryptionKey: 'a-file-key',
    });
  });

  it('ignores white space around values', () => {
    const env = Object.fromEntries(
      Object.entries({
        ...required,
        TT_ENVIRONMENT: 'LIVE',
        TT_BASE_URL: 'https://tt.example',
        TT_TOKEN_FILE: 'token file.json',
        TT_TOKEN_FILE_KEY: 'a-file-key',
      }).map(([name, value]) => [name, ` ${value}\r\n`]),
    );
    expect(optionsFromEnv(env)).toStrictEqual({
      ...options,
      environment: 'LIVE',
      baseUrl: 'https://tt.example',
      tokenFile: 'token file.json',
      encryptionKey: 'a-file-key',
    });
  });

  it.each(['', ' \t'])('takes an optional variable of %j as not set', (blank) => {
    const optional = ['TT_ENVIRONMENT', 'TT_BASE_URL', 'TT_TOKEN_FILE', 'TT_TOKEN_FILE_KEY'];
    const env = { ...required, ...Object.fromEntries(optional.map((name) => [name, blank])) };
    expect(optionsFromEnv(env)).toStrictEqual(options);
  });

  it.each(Object.keys(required))('names %s when it is missing or blank, and no value', (name) => {
    for (const value of [undefined, '', ' \n']) {
      expect(() => optionsFromEnv({ ...required, [name]: value })).toThrow(
        new TypeError(`${name} must be set`),
      );
    }
  });

  it('names all that are missing at once', () => {
    expect(() => optionsFromEnv({ TT_APP_NAME: 'My App' })).toThrow(
      new TypeError('TT_API_KEY, TT_API_SECRET, TT_COMPANY_NAME must be set'),
    );
  });

  it.each([
    ['uat', 'UAT'],
    ['Sim', 'SIM'],
    [' live ', 'LIVE'],
  ])('reads the environment %j as %s', (value, environment) => {
    expect(optionsFromEnv({ ...required, TT_ENVIRONMENT: value })).toMatchObject({ environment });
  });

  it.each(['PROD', 'ext_uat_cert', 'toString', 'a-secret'])(
    'refuses the environment %s',
    (value) => {
      expect(() => optionsFromEnv({ ...required, TT_ENVIRONMENT: value })).toThrow(
        new RangeError('TT_ENVIRONMENT must be UAT, SIM or LIVE'),
      );
    },
  );

  it('reads process.env when given nothing', () => {
    for (const [name, value] of Object.entries(required)) vi.stubEnv(name, value);
    for (const name of ['TT_ENVIRONMENT', 'TT_BASE_URL', 'TT_TOKEN_FILE', 'TT_TOKEN_FILE_KEY'])
      vi.stubEnv(name, undefined);
    expect(optionsFromEnv()).toStrictEqual(options);
  });
});

describe('options given to optionsFromEnv', () => {
  it('win, and nothing is read for them', () => {
    const env = { ...required, TT_API_SECRET: undefined, TT_ENVIRONMENT: 'nonsense' };
    const given = { apiSecret: () => 'from a vault', environment: 'LIVE', timeoutMs: 5 } as const;
    expect(optionsFromEnv(env, given)).toStrictEqual({ ...options, ...given });
    const both = { ...required, TT_API_SECRET_FILE: 'x' };
    expect(optionsFromEnv(both, { apiSecret: 'given' }).apiSecret).toBe('given');
  });

  it('leave it to the variable where they are undefined', () => {
    expect(optionsFromEnv(required, { environment: undefined, store: undefined })).toStrictEqual(
      options,
    );
  });

  it('may be all that is needed', () => {
    expect(optionsFromEnv({}, options)).toStrictEqual(options);
    expect(() => optionsFromEnv({}, { appName: 'App' })).toThrow(
      new TypeError('TT_API_KEY, TT_API_SECRET, TT_COMPANY_NAME must be set'),
    );
  });

  it.each([
    [null, {}, 'env'],
    ['text', {}, 'env'],
    [{}, null, 'given'],
    [{}, 'UAT', 'given'],
  ])('must be an object, as the variables must: %j %j', (env, given, name) => {
    expect(() => optionsFromEnv(env as never, given as never)).toThrow(
      new TypeError(`${name} must be an object`),
    );
  });
});

describe.each([
  ['TT_API_SECRET_FILE', 'apiSecret', 'TT_API_SECRET', 'a-secret'],
  ['TT_TOKEN_FILE_KEY_FILE', 'encryptionKey', 'TT_TOKEN_FILE_KEY', 'ab'.repeat(32)],
] as const)('%s', (variable, option, twin, text) => {
  const withFile = (path: string) => ({ ...required, [twin]: undefined, [variable]: path });
  const readerOf = (path: string) =>
    optionsFromEnv(withFile(path))[option] as () => Promise<string>;

  async function folderOf(content: string | Uint8Array): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'tt-secret-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, 'a secret.txt'), content);
    return folder;
  }

  it('names a file that is read anew at each use', async () => {
    const path = join(await folderOf(`\ufeff${text}\r\n`), 'a secret.txt');
    const read = readerOf(` ${path}\n`);
    expect(await read()).toBe(text);
    await writeFile(path, 'rotated');
    expect(await read()).toBe('rotated');
  });

  it('is a TypeError that names both, together with the other', () => {
    expect(() => optionsFromEnv({ ...required, [twin]: text, [variable]: 'x.txt' })).toThrow(
      new TypeError(`${twin} and ${variable} are both set: unset one`),
    );
  });

  it.each([
    ['does not exist (ENOENT)', 'absent.txt', text],
    [
      onWindows ? 'does not exist (ENOENT)' : 'cannot be read (ENOTDIR)',
      'a secret.txt/below',
      text,
    ],
    ['is not a regular file', '', text],
    ['is empty', 'a secret.txt', ' \r\n'],
    ['is not UTF-8 text', 'a secret.txt', Buffer.from(text, 'utf16le')],
    ['is too long', 'a secret.txt', 'x'.repeat(70_000)],
  ])('says at its use which file %s', async (problem, name, content) => {
    const path = join(await folderOf(content), name);
    const failing = readerOf(path)();
    await expect(failing).rejects.toThrow(`the file of ${variable} ${problem}`);
    await expect(failing).rejects.toThrow(path);
  });

  it('is not repeated where the secret itself may have been put into it', async () => {
    await expect(readerOf('3f2504e0-4f89-41d3-9a0c-0305e82c3301')()).rejects.toThrow(
      `the file of ${variable} does not exist (ENOENT): it must be a path`,
    );
  });
});

describe('the names of variables', () => {
  const here = process.platform;
  const pretend = (platform: string) => {
    Object.defineProperty(process, 'platform', { value: platform });
  };
  const lower = Object.fromEntries(
    Object.entries(required).map(([name, value]) => [name.toLowerCase(), value]),
  );
  afterEach(() => pretend(here));

  it('may be in any case of letters on Windows, and count as they are elsewhere', () => {
    pretend('win32');
    expect(optionsFromEnv({ ...lower, Tt_Environment: 'sim' })).toStrictEqual({
      ...options,
      environment: 'SIM',
    });
    expect(optionsFromEnv({ ...lower, TT_API_KEY: 'exact' }).apiKey).toBe('exact');
    expect(optionsFromEnv({ ...lower, TT_API_KEY: ' ' }).apiKey).toBe('a-key');
    expect(() => optionsFromEnv({ ...lower, tt_api_secret_file: 'x.txt' })).toThrow('both set');
    pretend('linux');
    expect(() => optionsFromEnv(lower)).toThrow(TypeError);
  });
});
