import ky, { type KyInstance } from 'ky';
import type { TokenManager } from 'tt-token-manager';
import { authenticateKy, kyHooks } from 'tt-token-manager/ky';

/** Wrapped, and with hooks. */
export async function useKy(manager: TokenManager): Promise<unknown> {
  const api: KyInstance = authenticateKy(ky, manager);
  const created: KyInstance = authenticateKy(ky.create({ retry: 0 }), manager, {
    isTokenRejected: ({ status }) => status === 403,
  });
  const hooked: KyInstance = ky.create({ hooks: kyHooks(manager) });
  ky.extend({ hooks: kyHooks(manager, { isTokenRejected: () => false }) });
  // @ts-expect-error -- no token manager
  authenticateKy(ky, {});
  return [await api.get('https://x.y').json<{ ok: boolean }>(), created, hooked];
}
