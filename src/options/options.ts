import { callable, checkPath, flag, headerText, knownNames, milliseconds } from '../base/checks.js';
import { checkEnvironment, type TTEnvironment } from '../base/environments.js';
import type { FetchLike } from '../base/fetch-like.js';
import type { StoreIdentity } from '../stores/store.js';
import { keySource, type EncryptionKey } from '../records/key.js';
import type { TokenStore } from '../stores/store.js';
import { bareSecret, fingerprint } from '../tt/credentials.js';
import { requestIdPrefix } from '../tt/request-id.js';
import { checkBaseUrl, checkOrigins } from './check-urls.js';

/** What {@link createTokenManager} needs to know; an explicit `undefined` keeps a default. */
export interface TokenManagerOptions {
  /** The app key alone, as TT's Setup page shows it in front of the colon. */
  readonly apiKey: string;
  /**
   * The app secret, bare or as `<apiKey>:<secret>`; or a function that gives it, asked before each token
   * request (for vaults) and bounded by `timeoutMs`.
   */
  readonly apiSecret: string | (() => string | Promise<string>);
  /** Name of your application, first part of every request ID. */
  readonly appName: string;
  /** Name of your company, second part of every request ID. */
  readonly companyName: string;
  /** @default 'UAT' */
  readonly environment?: TTEnvironment | undefined;
  /**
   * Where the API lives; `http:` only on loopback unless `allowInsecureHttp`.
   * @default 'https://ttrestapi.trade.tt'
   */
  readonly baseUrl?: string | undefined;
  /** Allows `http:` to hosts other than this one: secrets then travel in clear text. @default false */
  readonly allowInsecureHttp?: boolean | undefined;
  /**
   * Path of the token file that all processes share; ignored when a `store` is given.
   * @default `tt_token_<environment>_<fingerprint>.json` in a per-user state folder
   */
  readonly tokenFile?: string | undefined;
  /**
   * Encrypts what is stored, in whatever store, with AES-256-GCM: 32 bytes, as such, in hex or in base64, or a
   * function that gives them (a KMS). Bound to environment, base URL and app key: what is plain, changed, or
   * encrypted with another key counts as none and is replaced at the next refresh.
   * @default undefined: it is plain
   */
  readonly encryptionKey?: EncryptionKey | undefined;
  /** Where processes share the token. @default fileStore({ path: tokenFile }) */
  readonly store?: TokenStore | undefined;
  /** Milliseconds before expiry at which refreshing starts; half a token's life at the most. @default 600_000 */
  readonly refreshBufferMs?: number | undefined;
  /** Keeps the token fresh while nobody asks, without keeping the process alive. @default true */
  readonly autoRefresh?: boolean | undefined;
  /** Milliseconds one token request may take. @default 10_000 */
  readonly timeoutMs?: number | undefined;
  /** Further origins, such as `https://tt-proxy.example`, that may receive credentials. @default [] */
  readonly trustedOrigins?: readonly string[] | undefined;
  /**
   * The fetch that sends token requests (proxies, tests): the platform's, undici's own, node-fetch or a function
   * around one of them.
   * @default globalThis.fetch
   */
  readonly fetch?: FetchLike | undefined;
}

/** The options, checked and complete. */
export type ResolvedOptions = ReturnType<typeof resolveOptions>;

const optionNames = Object.keys({
  apiKey: true,
  apiSecret: true,
  appName: true,
  companyName: true,
  environment: true,
  baseUrl: true,
  allowInsecureHttp: true,
  tokenFile: true,
  encryptionKey: true,
  store: true,
  refreshBufferMs: true,
  autoRefresh: true,
  timeoutMs: true,
  trustedOrigins: true,
  fetch: true,
} satisfies Record<keyof TokenManagerOptions, true>) as (keyof TokenManagerOptions)[];

/** Where the API lives unless an option says otherwise. */
export const serviceUrl = 'https://ttrestapi.trade.tt';

/**
 * Checks the options, field by field, into a frozen copy.
 * @throws TypeError or RangeError that names the option and shows no value of a secret.
 */
export function resolveOptions(given: TokenManagerOptions) {
  if (typeof (given as unknown) !== 'object' || (given as unknown) === null) {
    throw new TypeError('options must be an object');
  }
  knownNames(given, optionNames);
  // Once each: a getter may make another value, such as a store, each time.
  const values = optionNames.map((name) => [name, given[name]]);
  const options = Object.fromEntries(values) as TokenManagerOptions;
  const allowInsecureHttp = flag('allowInsecureHttp', options.allowInsecureHttp ?? false);
  const apiKey = checkApiKey(options.apiKey);
  return Object.freeze({
    apiKey,
    ...secretOf(apiKey, options.apiSecret),
    requestIdPrefix: requestIdPrefix(options.appName, options.companyName),
    environment: checkEnvironment(options.environment ?? 'UAT'),
    baseUrl: checkBaseUrl(options.baseUrl ?? serviceUrl, allowInsecureHttp),
    tokenFile:
      options.tokenFile === undefined ? undefined : checkPath('tokenFile', options.tokenFile),
    encryptionKey:
      options.encryptionKey === undefined ? undefined : keySource(options.encryptionKey),
    store: options.store === undefined ? undefined : checkStore(options.store),
    refreshBufferMs: milliseconds('refreshBufferMs', options.refreshBufferMs ?? 600_000, 0),
    autoRefresh: flag('autoRefresh', options.autoRefresh ?? true),
    timeoutMs: milliseconds('timeoutMs', options.timeoutMs ?? 10_000, 1),
    trustedOrigins: checkOrigins(options.trustedOrigins ?? [], allowInsecureHttp),
    fetch: options.fetch === undefined ? globalFetch : callable('fetch', options.fetch),
  });
}

/** Whose record it is that the options are about. */
export function storeIdentity({
  apiKey,
  baseUrl,
  environment,
}: Pick<ResolvedOptions, 'apiKey' | 'baseUrl' | 'environment'>): StoreIdentity {
  return { environment, baseUrl: baseUrl.href, keyFingerprint: fingerprint(apiKey) };
}

const globalFetch: typeof fetch = (input, init) => globalThis.fetch(input, init);

/**
 * Checks an app key.
 * @throws TypeError or RangeError naming `apiKey`.
 */
export function checkApiKey(value: unknown): string {
  const apiKey = headerText('apiKey', value);
  if (apiKey.includes(':')) {
    throw new RangeError('apiKey must be the app key alone, without ":" and the secret');
  }
  return apiKey;
}

/**
 * Checks a secret; cuts white space around it, such as the line end of a file, and the key in front of it.
 * @throws TypeError or RangeError naming `apiSecret`.
 */
export function checkSecret(apiKey: string, value: unknown): string {
  const text = typeof value === 'string' ? value.trim() : value;
  return headerText('apiSecret', bareSecret(apiKey, headerText('apiSecret', text)));
}

/** How to read the secret; `givenSecret` is undefined where a function gives it. */
function secretOf(
  apiKey: string,
  value: unknown,
): { givenSecret: string | undefined; readSecret: () => string | Promise<string> } {
  if (typeof value === 'function') {
    const readSecret = async (): Promise<string> =>
      checkSecret(apiKey, await (value as () => unknown)());
    return { givenSecret: undefined, readSecret };
  }
  const givenSecret = checkSecret(apiKey, value);
  return { givenSecret, readSecret: () => givenSecret };
}

function checkStore(value: unknown): TokenStore {
  if (typeof (value as Partial<TokenStore> | null)?.open !== 'function') {
    throw new TypeError('store must be a TokenStore, such as fileStore({ path }) or memoryStore()');
  }
  return value as TokenStore;
}
