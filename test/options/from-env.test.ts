import { afterEach, describe, expect, it, vi } from 'vitest';
import { optionsFromEnv } from '../../src/options/from-env.js';

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
