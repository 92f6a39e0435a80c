// Compiled, never run: what a consumer writes. The exact types are in ../core.test-d.ts.
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
  type Token,
  type TokenErrorCode,
  type TokenManager,
  type TokenStatus,
  type TTEnvironment,
} from 'tt-token-manager';

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
  const unsubscribe: () => void = manager.on('refreshed', ({ reason, expiresAt, durationMs }) => {
    take(reason satisfies string, expiresAt satisfies number, durationMs satisfies number);
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
  const status: number | undefined = error.responseStatus;
  const retryAt: number | undefined = error.retryAt;
  const code: TokenErrorCode = error.code;
  const base: Error = error;
  return [status, retryAt, code, base.message, error instanceof TokenError].join();
}
