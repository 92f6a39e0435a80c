import { describe, expectTypeOf, it } from 'vitest';
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
  type TokenError,
  type Authorization,
  type EncryptionKey,
  type FetchLike,
  type GetTokenOptions,
  type Token,
  type TokenErrorCode,
  type TokenManager,
  type TokenManagerEvents,
  type TokenManagerOptions,
  type TokenStatus,
  type TokenStore,
  type TTEnvironment,
} from 'tt-token-manager';

/** Optional in the form that lets callers pass an explicit undefined too. */
type Given<Options> = { readonly [Name in keyof Options]?: Options[Name] | undefined };

describe('the functions', () => {
  it('have the signatures of the contract', () => {
    expectTypeOf(createTokenManager).toEqualTypeOf<
      (options: TokenManagerOptions) => TokenManager
    >();
    expectTypeOf(optionsFromEnv).toEqualTypeOf<
      (
        env?: Readonly<Record<string, string | undefined>>,
        given?: Partial<TokenManagerOptions>,
      ) => TokenManagerOptions
    >();
    expectTypeOf(createRequestId).toEqualTypeOf<(appName: string, companyName: string) => string>();
    expectTypeOf(sanitizeRequestIdPart).toEqualTypeOf<(text: string) => string>();
    expectTypeOf(formatBearerToken).toEqualTypeOf<(token: string | Token) => string>();
    expectTypeOf(isGuid).toEqualTypeOf<(text: string) => boolean>();
    expectTypeOf(isTokenError).toEqualTypeOf<(value: unknown) => value is TokenError>();
    expectTypeOf(memoryStore).toEqualTypeOf<() => TokenStore>();
    expectTypeOf(fileStore).branded.toEqualTypeOf<
      (options: { readonly path: string }) => TokenStore
    >();
  });
});

describe('the data', () => {
  it('has the fields of the contract', () => {
    expectTypeOf<Token>().toEqualTypeOf<{
      readonly accessToken: string;
      readonly tokenType: string;
      readonly obtainedAt: number;
      readonly expiresAt: number;
    }>();
    expectTypeOf<Authorization>().toEqualTypeOf<{
      readonly accessToken: string;
      readonly requestId: string;
      readonly headers: { readonly 'x-api-key': string; readonly authorization: string };
    }>();
    expectTypeOf<TokenStatus>().toEqualTypeOf<{
      readonly exists: boolean;
      readonly valid: boolean;
      readonly refused?: boolean;
      readonly expiresAt?: number;
      readonly secondsUntilExpiry?: number;
      readonly retryAt?: number;
    }>();
    expectTypeOf<TTEnvironment>().toEqualTypeOf<'UAT' | 'SIM' | 'LIVE'>();
    type Key = string | Uint8Array;
    expectTypeOf<EncryptionKey>().toEqualTypeOf<Key | (() => Key | Promise<Key>)>();
  });

  it('of the options is what is needed, and what may be given', () => {
    expectTypeOf<TokenManagerOptions>().branded.toEqualTypeOf<
      {
        readonly apiKey: string;
        readonly apiSecret: string | (() => string | Promise<string>);
        readonly appName: string;
        readonly companyName: string;
      } & Given<{
        environment: TTEnvironment;
        baseUrl: string;
        allowInsecureHttp: boolean;
        tokenFile: string;
        encryptionKey: EncryptionKey;
        store: TokenStore;
        refreshBufferMs: number;
        autoRefresh: boolean;
        timeoutMs: number;
        trustedOrigins: readonly string[];
        fetch: FetchLike;
      }>
    >();
  });

  it('of an error is its code, and what is known besides', () => {
    expectTypeOf<TokenError>().toExtend<Error>();
    expectTypeOf<TokenError['name']>().toEqualTypeOf<'TokenError'>();
    expectTypeOf<TokenError['code']>().toEqualTypeOf<TokenErrorCode>();
    expectTypeOf<Pick<TokenError, 'responseStatus' | 'retryAt'>>().toEqualTypeOf<{
      readonly responseStatus?: number;
      readonly retryAt?: number;
    }>();
    expectTypeOf<TokenErrorCode>().toEqualTypeOf<
      | 'TOKEN_REQUEST_FAILED'
      | 'TOKEN_RATE_LIMITED'
      | 'CREDENTIALS_REJECTED'
      | 'TOKEN_RESPONSE_INVALID'
      | 'MANAGER_CLOSED'
    >();
  });
});

describe('a manager', () => {
  it('has the methods of the contract', () => {
    type Methods = {
      [Name in Exclude<keyof TokenManager, 'on' | typeof Symbol.asyncDispose>]: TokenManager[Name];
    };
    expectTypeOf<Methods>().toEqualTypeOf<{
      getToken: (options?: GetTokenOptions) => Promise<Token>;
      authorize: (
        url: string | URL,
        options?: { readonly signal?: AbortSignal | undefined },
      ) => Promise<Authorization | undefined>;
      isTrusted: (url: string | URL) => boolean;
      invalidate: (accessToken: string) => void;
      createRequestId: () => string;
      apiUrl: (service: string, path?: string) => string;
      status: () => Promise<TokenStatus>;
      close: () => Promise<void>;
    }>();
    expectTypeOf<TokenManager>().toExtend<AsyncDisposable>();
    expectTypeOf<GetTokenOptions>().toEqualTypeOf<
      Given<{ forceRefresh: boolean; signal: AbortSignal }>
    >();
  });

  it('hands each listener the event of its name', () => {
    const manager = {} as TokenManager;
    expectTypeOf(manager.on<'refreshed'>).returns.toEqualTypeOf<() => void>();
    expectTypeOf(manager.on<'rejected'>)
      .parameter(1)
      .parameter(0)
      .toEqualTypeOf<Readonly<{ obtainedAt: number; expiresAt: number; willRefresh: boolean }>>();
    expectTypeOf<keyof TokenManagerEvents>().toEqualTypeOf<
      'refreshed' | 'adopted' | 'refreshFailed' | 'rejected' | 'storeFailed' | 'lockTakenOver'
    >();
    expectTypeOf<TokenManagerEvents['refreshFailed']['code']>().toEqualTypeOf<TokenErrorCode>();
    expectTypeOf<TokenManagerEvents['lockTakenOver']['ownerState']>().toEqualTypeOf<
      'dead' | 'silent'
    >();
  });
});
