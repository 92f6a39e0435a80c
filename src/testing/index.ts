export { fixedTokenManager, type FixedTokenManagerOptions } from './fixed-token-manager.js';
export { startFakeTT } from './start-fake-tt.js';
export type { FakeTT } from './fake-tt.js';
export type {
  ApiFault,
  FakeFailure,
  FakeRedirect,
  FakeRequestFailure,
  FakeRequestFault,
  FakeTokenFault,
  TokenFault,
} from './faults.js';
export type { FakeReply, FakeReplyBody } from './replies.js';
export type { FakeTTRequest } from './request-log.js';
export type { FakeTTOptions, FakeTTSettings } from './settings.js';
export { storeChecks, type StoreCheck, type StoreChecksOptions } from './store-checks.js';
