import { channel } from 'node:diagnostics_channel';
import type { TokenErrorCode } from '../base/errors.js';

/** Why a refresh ran: no token, a token near or past its expiry, a refused token, or `forceRefresh`. */
export type RefreshReason = 'missing' | 'ageing' | 'expired' | 'refused' | 'forced';

/** The instants of the token that an event is about. */
export interface TokenInstants {
  /** Epoch ms at which the token was requested. */
  readonly obtainedAt: number;
  /** Epoch ms of its expiry. */
  readonly expiresAt: number;
}

/** What each event of a token manager says; nothing holds a token or secret. */
export interface TokenManagerEvents {
  /** This manager fetched a new token. */
  refreshed: TokenInstants & {
    /** Why it was fetched. */
    readonly reason: RefreshReason;
    /** Milliseconds from the token request to its answer, retries included. */
    readonly durationMs: number;
  };
  /** This manager took a token from the store that it did not fetch. */
  adopted: TokenInstants;
  /** This manager's attempt to fetch a token failed. */
  refreshFailed: {
    /** Why it was made. */
    readonly reason: RefreshReason;
    /** The code of the error that waiting callers get. */
    readonly code: TokenErrorCode;
    /** What happened, and what to do. */
    readonly message: string;
    /** The HTTP status, where the endpoint answered. */
    readonly responseStatus?: number;
    /** Epoch ms of the next attempt, where it is known. */
    readonly retryAt?: number;
    /** As with `refreshed`; absent where no request was sent, because `apiSecret` could not be read. */
    readonly durationMs?: number;
  };
  /** The token held was reported as refused. */
  rejected: TokenInstants & {
    /** Whether it is replaced now: not so soon after the last refusal. */
    readonly willRefresh: boolean;
  };
  /** An operation of the store failed; the refresh goes on without it. */
  storeFailed: {
    /** The operation. */
    readonly operation: StoreOperation;
    /** What happened, and what to do. */
    readonly message: string;
    /** Code of the reason, such as `EACCES`, where it has one. */
    readonly code?: string;
  };
  /** The refresh lock of another process was taken over. */
  lockTakenOver: {
    /** Whether its owner is dead, or has shown no life in time. */
    readonly ownerState: 'dead' | 'silent';
  };
}

/** The store operations that can fail. */
export type StoreOperation = 'read' | 'lock' | 'write' | 'release';

/** Name of an event of a token manager. */
export type TokenManagerEventName = keyof TokenManagerEvents;

/** A listener for one event. */
export type TokenManagerListener<Name extends TokenManagerEventName> = (
  event: Readonly<TokenManagerEvents[Name]>,
) => void;

/** Sends events to listeners and to the diagnostics channels `tt-token-manager:<event>`. */
export interface Events {
  emit<Name extends TokenManagerEventName>(name: Name, event: TokenManagerEvents[Name]): void;
  on<Name extends TokenManagerEventName>(
    name: Name,
    listener: TokenManagerListener<Name>,
  ): () => void;
  /** Ends them: no event comes after that. */
  end(): void;
}

/** The names of all events. */
export const eventNames: readonly TokenManagerEventName[] = [
  'refreshed',
  'adopted',
  'refreshFailed',
  'rejected',
  'storeFailed',
  'lockTakenOver',
];

/** Creates the events of one manager. */
export function createEvents(): Events {
  const entries = eventNames.map(
    (name) =>
      [
        name,
        {
          channel: channel(`tt-token-manager:${name}`),
          listeners: new Map<symbol, (event: never) => unknown>(),
        },
      ] as const,
  );
  const byName = new Map(entries);
  let isOver = false;

  function entryOf(name: TokenManagerEventName) {
    const entry = byName.get(name);
    if (!entry) throw new RangeError(`event must be one of ${eventNames.join(', ')}`);
    return entry;
  }

  return {
    emit(name, event) {
      if (isOver) return;
      const { channel, listeners } = entryOf(name);
      Object.freeze(event);
      if (channel.hasSubscribers) channel.publish(event);
      for (const listener of [...listeners.values()]) call(listener, event);
    },
    on(name, listener) {
      const { listeners } = entryOf(name);
      if (typeof (listener as unknown) !== 'function')
        throw new TypeError('listener must be a function');
      const id = Symbol(name);
      listeners.set(id, listener);
      return () => void listeners.delete(id);
    },
    end: () => void (isOver = true),
  };
}

/** Calls a listener. What it throws, or rejects with, is ignored. */
function call(listener: (event: never) => unknown, event: unknown): void {
  const ignore = (): void => undefined;
  try {
    Promise.resolve(listener(event as never)).catch(ignore);
  } catch {
    ignore();
  }
}
