import {
  callable,
  checkPath,
  flag,
  headerText,
  knownNames,
  milliseconds,
  text,
} from '../base/checks.js';
import type { StoreIdentity } from '../stores/record.js';
import type { FetchLike } from '../base/fetch-like.js';
import { keySource, type EncryptionKey, type KeySource } from '../stores/sealed/key.js';
import type { TokenStore } from '../stores/store.js';
import { bareSecret, fingerprint } from '../tt/credentials.js';
import { isEnvironment, type TTEnvironment } from '../base/environments.js';
import { requestIdPrefix } from '../tt/request-id.js';
import { isSecureUrl, parseUrl } from '../tt/trusted-origins.js';

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
   * Encrypts the token file with AES-256-GCM: 32 bytes, as such, in hex or in base64, or a function that gives
   * them (a KMS); ignored when a `store` is given.
   * @default undefined: the file is plain
   */
  readonly encryptionKey?: EncryptionKey | undefined;
  /** Where processes share the token. @default fileStore({ path: tokenFile, encryptionKey }) */
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
export interface ResolvedOptions {
  readonly apiKey: string;
  readonly readSecret: () => string | Promise<string>;
  readonly requestIdPrefix: string;
  readonly environment: TTEnvironment;
  readonly baseUrl: URL;
  readonly tokenFile: string | undefined;
  readonly encryptionKey: KeySource | undefined;
  readonly store: TokenStore | undefined;
  readonly refreshBufferMs: number;
  readonly autoRefresh: boolean;
  readonly timeoutMs: number;
  readonly trustedOrigins: readonly string[];
  readonly fetch: typeof fetch;
}

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
} satisfies Record<keyof TokenManagerOptions, true>);

const serviceUrl = 'https://ttrestapi.trade.tt';

/**
 * Checks the options, field by field, into a frozen copy.
 * @throws TypeError or RangeError that names the option and shows no value of a secret.
 */
export function resolveOptions(given: TokenManagerOptions): ResolvedOptions {
  if (typeof (given as unknown) !== 'object' || (given as unknown) === null) {
    throw new TypeError('options must be an object');
  }
  knownNames(given, optionNames);
  const allowInsecureHttp = flag('allowInsecureHttp', given.allowInsecureHttp ?? false);
  const apiKey = checkApiKey(given.apiKey);
  return Object.freeze({
    apiKey,
    readSecret: secretReader(apiKey, given.apiSecret),
    requestIdPrefix: requestIdPrefix(given.appName, given.companyName),
    environment: checkEnvironment(given.environment ?? 'UAT'),
    baseUrl: checkBaseUrl(given.baseUrl ?? serviceUrl, allowInsecureHttp),
    tokenFile: given.tokenFile === undefined ? undefined : checkPath('tokenFile', given.tokenFile),
    encryptionKey: given.encryptionKey === undefined ? undefined : keySource(given.encryptionKey),
    store: given.store === undefined ? undefined : checkStore(given.store),
    refreshBufferMs: milliseconds('refreshBufferMs', given.refreshBufferMs ?? 600_000, 0),
    autoRefresh: flag('autoRefresh', given.autoRefresh ?? true),
    timeoutMs: milliseconds('timeoutMs', given.timeoutMs ?? 10_000, 1),
    trustedOrigins: checkOrigins(given.trustedOrigins ?? [], allowInsecureHttp),
    fetch: given.fetch === undefined ? globalFetch : callable('fetch', given.fetch),
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
 * Checks a secret and strips the key in front of it.
 * @throws TypeError or RangeError naming `apiSecret`.
 */
export function checkSecret(apiKey: string, value: unknown): string {
  return headerText('apiSecret', bareSecret(apiKey, headerText('apiSecret', value)));
}

function secretReader(apiKey: string, value: unknown): () => string | Promise<string> {
  if (typeof value === 'function') {
    return async () => checkSecret(apiKey, await (value as () => unknown)());
  }
  const secret = checkSecret(apiKey, value);
  return () => secret;
}

function checkEnvironment(value: unknown): TTEnvironment {
  if (!isEnvironment(value)) throw new RangeError("environment must be 'UAT', 'SIM' or 'LIVE'");
  return value;
}

function secureUrl(name: string, value: unknown, allowInsecureHttp: boolean): URL {
  const url = parseUrl(text(name, value));
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new RangeError(`${name} must be an absolute https: URL`);
  }
  if (!isSecureUrl(url) && !allowInsecureHttp) {
    throw new RangeError(`${name} must be https:, or http: on loopback (see allowInsecureHttp)`);
  }
  if (url.username !== '' || url.password !== '' || /[?#]/.test(url.href)) {
    throw new RangeError(`${name} must hold neither user info nor query nor fragment`);
  }
  return url;
}

function checkBaseUrl(value: unknown, allowInsecureHttp: boolean): URL {
  const url = secureUrl('baseUrl', value, allowInsecureHttp);
  url.pathname = url.pathname.replace(/\/+$/, '');
  return url;
}

function checkOrigins(value: unknown, allowInsecureHttp: boolean): readonly string[] {
  if (!Array.isArray(value)) throw new TypeError('trustedOrigins must be an array of origins');
  const origins = value.map((entry: unknown) => {
    const url = secureUrl('trustedOrigins', entry, allowInsecureHttp);
    if (url.pathname !== '/')
      throw new RangeError('trustedOrigins must hold origins without a path');
    return url.origin;
  });
  return Object.freeze(origins);
}

function checkStore(value: unknown): TokenStore {
  if (
    typeof value !== 'object' ||
    value === null ||
    typeof (value as TokenStore).open !== 'function'
  ) {
    throw new TypeError('store must be a TokenStore, such as fileStore({ path }) or memoryStore()');
  }
  return value as TokenStore;
}
