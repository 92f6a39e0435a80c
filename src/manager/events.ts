import { channel } from 'node:diagnostics_channel';
import type { TokenErrorCode } from '../base/errors.js';

/** Why a refresh ran: no token at all, one near or past its expiry, one refused by the API, or on demand. */
export type RefreshReason = 'missing' | 'ageing' | 'expired' | 'refused' | 'forced';

/** What each event of a token manager tells; instants are epoch ms, and nothing holds a token or secret. */
export interface TokenManagerEvents {
  /** This manager fetched a new token. */
  refreshed: {
    readonly reason: RefreshReason;
    readonly obtainedAt: number;
    readonly expiresAt: number;
  };
  /** This manager took a token from the store that it did not fetch. */
  adopted: { readonly obtainedAt: number; readonly expiresAt: number };
  /** This manager's attempt to fetch a token failed; the next is due at `retryAt`, where that is known. */
  refreshFailed: {
    readonly reason: RefreshReason;
    readonly code: TokenErrorCode;
    readonly message: string;
    readonly status?: number;
    readonly retryAt?: number;
  };
  /** The token held was reported as refused; `willRefresh` is false inside the spacing of such refreshes. */
  rejected: {
    readonly obtainedAt: number;
    readonly expiresAt: number;
    readonly willRefresh: boolean;
  };
  /** The store refused an operation; this refresh goes on without it. */
  storeFailed: {
    readonly operation: StoreOperation;
    readonly message: string;
    /** Code of the reason, such as `EACCES`, where it has one. */
    readonly code?: string;
  };
  /** The refresh lock of another process was taken over: its owner is dead, or has shown no life in time. */
  lockTakenOver: { readonly ownerState: 'dead' | 'silent' };
}

/** The store operations that can fail. */
export type StoreOperation = 'read' | 'lock' | 'watch' | 'write' | 'release';

/** Name of an event of a token manager. */
export type TokenManagerEventName = keyof TokenManagerEvents;

/** A listener for one event. */
export type TokenManagerListener<Name extends TokenManagerEventName> = (
  event: Readonly<TokenManagerEvents[Name]>,
) => void;

/** Hands events to listeners and to the diagnostics channels `tt-token-manager:<event>`. */
export interface Events {
  emit<Name extends TokenManagerEventName>(name: Name, event: TokenManagerEvents[Name]): void;
  on<Name extends TokenManagerEventName>(
    name: Name,
    listener: TokenManagerListener<Name>,
  ): () => void;
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

  function entryOf(name: TokenManagerEventName) {
    const entry = byName.get(name);
    if (!entry) throw new RangeError(`event must be one of ${eventNames.join(', ')}`);
    return entry;
  }

  return {
    emit(name, event) {
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
  };
}

/** A listener that throws, or whose promise rejects, is its owner's affair and breaks nothing here. */
function call(listener: (event: never) => unknown, event: unknown): void {
  const ignore = (): void => undefined;
  try {
    Promise.resolve(listener(event as never)).catch(ignore);
  } catch {
    ignore();
  }
}
