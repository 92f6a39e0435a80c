// Compiled only: what a project writes that has the package and one HTTP client after the other.
import {
  createTokenManager,
  isTokenError,
  memoryStore,
  type Authorization,
  type Token,
  type TokenManager,
} from 'tt-token-manager';
import { keyringStore } from 'tt-token-manager/keyring';
import { redisStore, type RedisClient } from 'tt-token-manager/redis';
import { startFakeTT } from 'tt-token-manager/testing';

/** The manager, its options and events. */
export async function useManager(encryptionKey: Uint8Array): Promise<string> {
  const tt = await startFakeTT({ tokenLifetimeSeconds: 60 });
  const { apiKey, apiSecret, url: baseUrl } = tt;
  const names = { appName: 'App', companyName: 'Company' };
  const manager: TokenManager = createTokenManager({
    ...{ apiKey, apiSecret, baseUrl, ...names, encryptionKey },
    store: memoryStore(),
  });
  manager.on('refreshed', ({ expiresAt }) => expiresAt.toFixed());
  const token: Token = await manager.getToken();
  const call: Authorization | undefined = await manager.authorize(new URL(baseUrl));
  manager.invalidate(call?.accessToken ?? token.accessToken);
  await manager.close();
  await tt.close();
  return token.accessToken;
}

/** The other stores. */
export const stores = (client: RedisClient) => [redisStore({ client }), keyringStore()];

/** What a `catch` does. */
export const codeOf = (error: unknown) => (isTokenError(error) ? error.code : undefined);

// @ts-expect-error: a key and names are needed, so these are no loose types
createTokenManager({ apiSecret: 'secret' });
