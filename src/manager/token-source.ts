import type { Events } from './events.js';
import { openStore } from './open-store.js';
import { createRefresh, type Refreshed } from './refresh.js';
import type { RefreshRequest } from './refresh-request.js';
import { createSharedKnowledge, type SharedKnowledge } from './shared-state.js';
import { createRedactor, type Redactor } from '../base/redactor.js';
import type { ResolvedOptions, TokenManagerOptions } from '../options/options.js';
import { bareSecret } from '../tt/credentials.js';
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

/** Creates the {@link TokenSource} of one manager, which was given these options. */
export function createTokenSource(
  given: TokenManagerOptions,
  parts: TokenSourceParts,
): TokenSource {
  const { options, events, signal } = parts;
  const { identity, session } = openStore(options);
  const redact = redactorFor(given, options);
  const shared = createSharedKnowledge(session, identity, events, redact, signal);
  return { shared, bringToken: createRefresh({ ...parts, shared, redact }) };
}

/** A redactor that knows the secrets among the options. */
function redactorFor({ apiSecret }: TokenManagerOptions, options: ResolvedOptions): Redactor {
  const { apiKey, encryptionKey } = options;
  const givenSecret = typeof apiSecret === 'string' ? [bareSecret(apiKey, apiSecret.trim())] : [];
  // A key that a function gives is known only once it was asked for.
  const keyTexts = (): readonly string[] => encryptionKey?.texts() ?? [];
  return createRedactor(apiKey, ...givenSecret, keyTexts);
}
