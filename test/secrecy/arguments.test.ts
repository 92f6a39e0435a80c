import axios from 'axios';
import ky from 'ky';
import { it } from 'vitest';
import { authenticateAxios } from '../../src/adapters/axios/index.js';
import { authenticateFetch } from '../../src/adapters/fetch/index.js';
import { authenticateKy, kyHooks } from '../../src/adapters/ky/index.js';
import {
  createRequestId,
  createTokenManager,
  fileStore,
  formatBearerToken,
  isGuid,
  isTokenError,
  optionsFromEnv,
  sanitizeRequestIdPart,
  TokenError,
  type TokenManager,
} from '../../src/index.js';
import { startFakeTT } from '../../src/testing/index.js';
import { expectNoSecrets, inspectWithGetters } from '../helpers/expect-no-secrets.js';
import { apiKey, apiSecret, encryptionKey, keySecrets, strangeToken } from './secret-scene.js';

/* Every public function, called with secrets where they do not belong. */

const secrets = { apiKey, apiSecret, ...keySecrets, strangeToken };
const keyInHex = encryptionKey.toString('hex');
const joined = `${apiKey}:${apiSecret}`;
const any = (value: unknown): never => value as never;
const given = { apiKey, apiSecret, appName: 'App', companyName: 'Company' };
const variables = {
  TT_API_KEY: apiKey,
  TT_API_SECRET: apiSecret,
  TT_APP_NAME: 'App',
  TT_COMPANY_NAME: 'Company',
};
const manager = any({ [strangeToken]: true }) as TokenManager;
const wrongCheck = { isTokenRejected: any(strangeToken) };
/** What an option, an argument or a setting may be by mistake. */
const wrong: readonly unknown[] = [
  strangeToken,
  joined,
  { [strangeToken]: strangeToken },
  [apiSecret],
  new Error(apiSecret),
  keyInHex,
  encryptionKey.toString('base64'),
  encryptionKey.subarray(1),
  { key: encryptionKey },
  `${apiSecret} ${strangeToken}`,
  `https://${joined}@tt.example/${strangeToken}?${apiSecret}`,
];

type Call = readonly [name: string, call: () => unknown];

const options = Object.keys({
  apiKey: 1,
  apiSecret: 1,
  appName: 1,
  companyName: 1,
  environment: 1,
  baseUrl: 1,
  allowInsecureHttp: 1,
  tokenFile: 1,
  encryptionKey: 1,
  store: 1,
  refreshBufferMs: 1,
  autoRefresh: 1,
  timeoutMs: 1,
  trustedOrigins: 1,
  fetch: 1,
} satisfies Record<keyof Parameters<typeof createTokenManager>[0], 1>);

const calls: readonly Call[] = [
  ...options.flatMap((name) =>
    wrong.map((value, index): Call => [
      `createTokenManager, ${name} ${index}`,
      () => createTokenManager({ ...given, [name]: value }),
    ]),
  ),
  ...[keyInHex, encryptionKey, () => encryptionKey].flatMap((key, index): Call[] => [
    [
      `createTokenManager, with a key ${index}`,
      () => createTokenManager({ ...given, encryptionKey: key }),
    ],
  ]),
  ['createTokenManager, of a text', () => createTokenManager(any(strangeToken))],
  ['createTokenManager, of both', () => createTokenManager({ ...given, apiKey: joined })],
  ['optionsFromEnv', () => optionsFromEnv({ ...variables, TT_ENVIRONMENT: apiSecret })],
  ['optionsFromEnv, incomplete', () => optionsFromEnv({ ...variables, TT_APP_NAME: '' })],
  ['fileStore', () => fileStore({ path: `${apiSecret}\0` })],
  ['fileStore, of an object', () => fileStore({ path: any({ strangeToken }) })],
  [
    'optionsFromEnv, of the key',
    () => optionsFromEnv({ ...variables, TT_ENVIRONMENT: keyInHex, TT_TOKEN_FILE_KEY: keyInHex }),
  ],
  [
    'createTokenManager, of a key cut off in the variables',
    () =>
      createTokenManager(optionsFromEnv({ ...variables, TT_TOKEN_FILE_KEY: keyInHex.slice(1) })),
  ],
  [
    'createTokenManager, of a wrong key',
    () => createTokenManager({ ...given, encryptionKey: apiSecret }),
  ],
  ['formatBearerToken', () => formatBearerToken(any({ token: strangeToken }))],
  ['createRequestId', () => createRequestId('', apiSecret)],
  ['createRequestId, of an object', () => createRequestId(any({ apiSecret }), '')],
  ['sanitizeRequestIdPart', () => sanitizeRequestIdPart(any([apiSecret]))],
  ['isGuid', () => isGuid(strangeToken)],
  ['isTokenError', () => isTokenError(Object.assign(new Error('a'), { code: strangeToken }))],
  ['authenticateAxios', () => authenticateAxios(axios.create(), manager, wrongCheck)],
  ['authenticateFetch', () => authenticateFetch(fetch, manager, wrongCheck)],
  ['authenticateKy', () => authenticateKy(ky, manager, wrongCheck)],
  ['kyHooks', () => kyHooks(manager, wrongCheck)],
  ['startFakeTT', () => startFakeTT({ apiKey: joined })],
  ['startFakeTT, of a secret', () => startFakeTT({ apiSecret: joined })],
  ['startFakeTT, of a line break', () => startFakeTT({ apiSecret: `${apiSecret}\n` })],
  ['a TokenError', () => new TokenError({ code: 'MANAGER_CLOSED', message: 'closed' })],
];

it.each(calls)('%s shows no secret', async (_, call) => {
  let shown: unknown;
  try {
    shown = await call();
  } catch (error) {
    shown = error;
  }
  expectNoSecrets(secrets, shown, inspectWithGetters(shown));
});
