export { isTokenError, TokenError, type TokenErrorCode, type TokenErrorDetails } from './errors.js';
export type {
  RefreshReason,
  StoreOperation,
  TokenManagerEventName,
  TokenManagerEvents,
  TokenManagerListener,
} from './events.js';
export { createTokenManager } from './manager.js';
export type { TokenManagerOptions } from './options.js';
export { optionsFromEnv } from './options-from-env.js';
export type { RefusalSpacing } from './refusal-spacing.js';
export type { EncryptionKey } from './stores/encryption-key.js';
export { fileStore, type FileStoreOptions } from './stores/file.js';
export { memoryStore } from './stores/memory.js';
export type { SharedState, StoredFailure, StoredRecord, StoreIdentity } from './stores/record.js';
export type { StoreLease, StoreSession, StoreWatch, TokenStore } from './stores/store.js';
export type { Authorization, GetTokenOptions, TokenManager, TokenStatus } from './token-manager.js';
export { formatBearerToken, type Token } from './token.js';
export type { TTEnvironment } from './tt/environments.js';
export { createRequestId, isGuid, sanitizeRequestIdPart } from './tt/request-id.js';
