import type { TokenManagerEventName, TokenManagerEvents } from 'tt-token-manager';

/** An event of a worker's token manager. */
type ManagerEvent = {
  [Name in TokenManagerEventName]: { readonly kind: Name } & TokenManagerEvents[Name];
}[TokenManagerEventName];

/** What a worker tells the demo; instants are epoch ms. */
export type WorkerEvent =
  | ManagerEvent
  /** Callers of this worker have begun to wait for a token. */
  | { readonly kind: 'waiting' }
  /** All callers that waited have a token now. */
  | {
      readonly kind: 'waited';
      readonly callers: number;
      readonly startedAt: number;
      readonly endedAt: number;
    }
  /** A caller came away without an answer of 200. */
  | { readonly kind: 'callFailed'; readonly message: string };

/** The variables, besides TT_*, that a worker reads. */
export interface WorkerSettings {
  readonly DEMO_CALLERS: string;
  readonly DEMO_PAUSE_MS: string;
}
