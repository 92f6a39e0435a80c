import type { Events } from './events.js';
import { openStore } from './open-store.js';
import { createRefresh, type Refreshed } from './refresh.js';
import type { RefreshRequest } from './refresh-request.js';
import { createSharedKnowledge, type SharedKnowledge } from './shared-state.js';
import { createRedactor } from '../base/redactor.js';
import type { ResolvedOptions } from '../options/options.js';
import type { TrustCheck } from '../tt/trusted-origins.js';

/** Where a manager gets its tokens from: the store that it shares with others, and the token endpoint. */
export interface TokenSource {
  readonly shared: SharedKnowledge;
  /** Brings a token that is good enough for a request; rejects with a TokenError, or the signal's reason. */
  bringToken(request: RefreshRequest): Promise<Refreshed>;
}

/** What {@link createTokenSource} works with. */
export interface TokenSourceParts {
  readonly options: ResolvedOptions;
  readonly events: Events;
  readonly isTrusted: TrustCheck;
  /** Aborted when the manager closes. */
  readonly signal: AbortSignal;
}

/** Creates the {@link TokenSource} of one manager. */
export function createTokenSource(parts: TokenSourceParts): TokenSource {
  const { options, events, signal } = parts;
  const { identity, session } = openStore(options);
  const { apiKey, givenSecret, encryptionKey } = options;
  // The key of a function is known only after its first call.
  const keyTexts = (): readonly string[] => encryptionKey?.texts() ?? [];
  const redact = createRedactor(
    apiKey,
    ...(givenSecret === undefined ? [] : [givenSecret]),
    keyTexts,
  );
  const shared = createSharedKnowledge(session, identity, events, redact, signal);
  return { shared, bringToken: createRefresh({ ...parts, shared, redact }) };
}
