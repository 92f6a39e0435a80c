// Compiled, never run: what a consumer writes against the contract's signatures. `Exact` fails to compile
// where a type is wider or narrower than promised.
import {
  createRequestId,
  createTokenManager,
  fileStore,
  formatBearerToken,
  isGuid,
  isTokenError,
  memoryStore,
  optionsFromEnv,
  sanitizeRequestIdPart,
  TokenError,
  type Authorization,
  type EncryptionKey,
  type Token,
  type TokenErrorCode,
  type TokenManager,
  type TokenManagerOptions,
  type TokenStatus,
  type TokenStore,
  type TTEnvironment,
} from 'tt-token-manager';
import type { Exact } from './exact.js';

type MayBe<Value> = Value | undefined;

export const signatures: [
  Exact<typeof createTokenManager, (options: TokenManagerOptions) => TokenManager>,
  Exact<typeof optionsFromEnv, (env?: Record<string, string | undefined>) => TokenManagerOptions>,
  Exact<typeof createRequestId, (appName: string, companyName: string) => string>,
  Exact<typeof sanitizeRequestIdPart, (text: string) => string>,
  Exact<typeof formatBearerToken, (token: string | Token) => string>,
  Exact<typeof isGuid, (text: string) => boolean>,
  Exact<typeof isTokenError, (value: unknown) => value is TokenError>,
  Exact<typeof memoryStore, () => TokenStore>,
  Exact<ReturnType<typeof fileStore>, TokenStore>,
  Exact<TTEnvironment, 'UAT' | 'SIM' | 'LIVE'>,
  Exact<
    TokenErrorCode,
    | 'TOKEN_REQUEST_FAILED'
    | 'TOKEN_RATE_LIMITED'
    | 'CREDENTIALS_REJECTED'
    | 'TOKEN_RESPONSE_INVALID'
    | 'MANAGER_CLOSED'
  >,
] = [true, true, true, true, true, true, true, true, true, true, true];

export const shapes: [
  Exact<
    Token,
    {
      readonly accessToken: string;
      readonly tokenType: string;
      readonly obtainedAt: number;
      readonly expiresAt: number;
    }
  >,
  Exact<
    Authorization,
    {
      readonly accessToken: string;
      readonly requestId: string;
      readonly headers: { readonly 'x-api-key': string; readonly authorization: string };
    }
  >,
  Exact<TokenStatus['exists'], boolean>,
  Exact<TokenStatus['valid'], boolean>,
  Exact<MayBe<TokenStatus['expiresAt']>, MayBe<number>>,
  Exact<MayBe<TokenStatus['secondsUntilExpiry']>, MayBe<number>>,
  Exact<TokenManagerOptions['apiKey'], string>,
  Exact<TokenManagerOptions['apiSecret'], string | (() => string | Promise<string>)>,
  Exact<TokenManagerOptions['appName'], string>,
  Exact<TokenManagerOptions['companyName'], string>,
  Exact<MayBe<TokenManagerOptions['environment']>, MayBe<TTEnvironment>>,
  Exact<MayBe<TokenManagerOptions['baseUrl']>, MayBe<string>>,
  Exact<MayBe<TokenManagerOptions['allowInsecureHttp']>, MayBe<boolean>>,
  Exact<MayBe<TokenManagerOptions['tokenFile']>, MayBe<string>>,
  Exact<MayBe<TokenManagerOptions['encryptionKey']>, MayBe<EncryptionKey>>,
  Exact<
    EncryptionKey,
    string | Uint8Array | (() => string | Uint8Array | Promise<string | Uint8Array>)
  >,
  Exact<MayBe<TokenManagerOptions['store']>, MayBe<TokenStore>>,
  Exact<MayBe<TokenManagerOptions['refreshBufferMs']>, MayBe<number>>,
  Exact<MayBe<TokenManagerOptions['autoRefresh']>, MayBe<boolean>>,
  Exact<MayBe<TokenManagerOptions['timeoutMs']>, MayBe<number>>,
  Exact<MayBe<TokenManagerOptions['trustedOrigins']>, MayBe<readonly string[]>>,
  Exact<MayBe<TokenManagerOptions['fetch']>, MayBe<typeof fetch>>,
] = [
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
  true,
];

function take(...values: readonly unknown[]): void {
  if (values.length === 0) throw new RangeError('nothing taken');
}

/** Every method, with and without its options. */
export async function useManager(signal: AbortSignal): Promise<void> {
  const manager: TokenManager = createTokenManager({
    ...optionsFromEnv(),
    apiKey: 'key',
    apiSecret: () => Promise.resolve('secret'),
    environment: 'SIM',
    store: fileStore({ path: 'token.json' }),
    trustedOrigins: ['https://example.com'],
    fetch: globalThis.fetch,
  });
  const token: Token = await manager.getToken();
  await manager.getToken({ forceRefresh: true, signal });
  const authorization: Authorization | undefined = await manager.authorize(new URL('https://x.y'));
  await manager.authorize('https://x.y', { signal });
  const isTrusted: boolean = manager.isTrusted(new URL('https://x.y'));
  manager.invalidate(authorization?.accessToken ?? token.accessToken);
  const requestId: string = manager.createRequestId();
  const status: TokenStatus = await manager.status();
  const unsubscribe: () => void = manager.on('refreshed', ({ reason, expiresAt }) => {
    take(reason satisfies string, expiresAt satisfies number);
  });
  manager.on('adopted', ({ obtainedAt }) => take(obtainedAt satisfies number));
  manager.on('refreshFailed', ({ code }) => take(code satisfies TokenErrorCode));
  manager.on('rejected', ({ willRefresh }) => take(willRefresh satisfies boolean));
  manager.on('storeFailed', ({ operation }) => take(operation satisfies string));
  manager.on('lockTakenOver', ({ ownerState }) => take(ownerState satisfies string));
  // @ts-expect-error -- no such event
  manager.on('refreshing', () => undefined);
  // @ts-expect-error -- tokens are read-only
  token.accessToken = '';
  // @ts-expect-error -- a key and names are needed
  createTokenManager({ apiSecret: 'secret' });
  // @ts-expect-error -- no such environment
  const environment: TTEnvironment = 'DEV';
  unsubscribe();
  await manager.close();
  await manager[Symbol.asyncDispose]();
  take(environment, isTrusted, requestId, status, memoryStore());
  take(
    createRequestId('app', 'co'),
    sanitizeRequestIdPart('app'),
    formatBearerToken(token),
    isGuid(''),
  );
}

/** What a `catch` does. */
export function explain(error: unknown): string {
  if (!isTokenError(error)) return 'not ours';
  const status: number | undefined = error.status;
  const retryAt: number | undefined = error.retryAt;
  const code: TokenErrorCode = error.code;
  const base: Error = error;
  return [status, retryAt, code, base.message, error instanceof TokenError].join();
}
