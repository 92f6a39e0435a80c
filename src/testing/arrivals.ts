import { checkCount } from './checks.js';

export interface Arrivals {
  /** Tells that `total` requests have arrived by now. */
  note(total: number): void;
  wait(count: number, signal: AbortSignal | undefined): Promise<void>;
  /** Rejects all who still wait, and all who will. */
  close(): void;
}

export function createArrivals(): Arrivals {
  const waiting = new Set<{ count: number; settle: (error?: Error) => void }>();
  let arrived = 0;
  let closed: Error | undefined;

  return {
    note(total) {
      arrived = total;
      for (const waiter of waiting) if (arrived >= waiter.count) waiter.settle();
    },
    async wait(count, signal) {
      checkCount('count', count, 0);
      signal?.throwIfAborted();
      if (arrived >= count) return;
      if (closed) throw closed;
      await new Promise<void>((resolve, reject) => {
        const waiter = {
          count,
          settle(error?: Error) {
            waiting.delete(waiter);
            signal?.removeEventListener('abort', onAbort);
            if (error) reject(error);
            else resolve();
          },
        };
        const onAbort = () => waiter.settle(signal?.reason as Error);
        signal?.addEventListener('abort', onAbort);
        waiting.add(waiter);
      });
    },
    close() {
      closed = new Error('The stand-in was closed before the awaited requests arrived.');
      for (const waiter of waiting) waiter.settle(closed);
    },
  };
}
