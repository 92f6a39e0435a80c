export { startFakeTT } from './start-fake-tt.js';
export type { FakeTT } from './fake-tt.js';
export type {
  FakeFailure,
  FakeRedirect,
  FakeRequestFailure,
  FakeTokenFault,
  TokenFault,
} from './faults.js';
export type { FakeTTRequest } from './request-log.js';
export type { FakeTTOptions, FakeTTSettings } from './settings.js';
export { storeChecks, type StoreCheck, type StoreChecksOptions } from './store-checks.js';
