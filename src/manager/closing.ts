import { keepingAlive, withTimeout } from '../base/abort.js';
import { TokenError } from '../base/errors.js';

/** A store that hangs does not keep a manager from closing. */
const closeMs = 2_000;

/** The end of a manager. */
export interface Closing {
  /** Aborted when the manager closes. */
  readonly signal: AbortSignal;
  /** Makes the error of a call that comes after that. */
  error(): TokenError;
  throwIfClosed(): void;
  /** Closes the manager, and waits for what is under way, but not for long. */
  close(underWay: Promise<unknown>): Promise<void>;
}

/** Creates the {@link Closing} of one manager. */
export function createClosing(): Closing {
  const closing = new AbortController();
  const { signal } = closing;
  const error = (): TokenError =>
    new TokenError({ code: 'MANAGER_CLOSED', message: 'the token manager is closed' });

  return {
    signal,
    error,
    throwIfClosed() {
      if (signal.aborted) throw error();
    },
    async close(underWay) {
      closing.abort(error());
      const unlimited = new AbortController().signal;
      await keepingAlive(withTimeout(closeMs, unlimited, () => underWay)).catch(() => undefined);
    },
  };
}
