export { requestIdOf } from './adapters/shared/request-id-of.js';
export {
  isTokenError,
  TokenError,
  type TokenErrorCode,
  type TokenErrorDetails,
} from './base/errors.js';
export type { FetchInit, FetchLike, FetchResponse } from './base/fetch-like.js';
export type {
  RefreshReason,
  StoreOperation,
  TokenInstants,
  TokenManagerEventName,
  TokenManagerEvents,
  TokenManagerListener,
} from './manager/events.js';
export { createTokenManager } from './manager/manager.js';
export type { TokenManagerOptions } from './options/options.js';
export { optionsFromEnv } from './options/from-env.js';
export type { EncryptionKey } from './records/key.js';
export { fileStore, type FileStoreOptions } from './stores/file/index.js';
export { memoryStore } from './stores/memory/index.js';
export type { RefusalSpacing, SharedState, StoredFailure, StoredRecord } from './records/record.js';
export type { StoreIdentity } from './stores/store.js';
export type { StoreLease, StoreSession, StoreWriteOptions, TokenStore } from './stores/store.js';
export type {
  Authorization,
  GetTokenOptions,
  TokenManager,
  TokenStatus,
} from './manager/token-manager.js';
export { formatBearerToken, type Token } from './base/token.js';
export { environmentPath, type TTEnvironment } from './base/environments.js';
export { createRequestId, isGuid, sanitizeRequestIdPart } from './tt/request-id.js';
