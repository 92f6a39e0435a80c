import type { TokenManager } from 'tt-token-manager';
import { authenticateKy, kyHooks, type KyLike } from 'tt-token-manager/ky';

/** From CommonJS too, where ky itself, an ES module, cannot be imported statically. */
export function useKyHooks(manager: TokenManager, loaded: KyLike): readonly unknown[] {
  const { beforeRequest, beforeRetry, afterResponse } = kyHooks(manager);
  return [authenticateKy(loaded, manager), beforeRequest, beforeRetry, afterResponse];
}
