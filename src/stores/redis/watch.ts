import { jitteredDelayMs, poll } from '../poll.js';
import type { RedisPort } from './client.js';
import type { StoreWatch } from '../store.js';
import { createWake } from '../wake.js';

/**
 * Wakes with each message on a channel, and every 100 to 250 ms besides. A subscription that is refused is
 * reported by the next wait; what is left then is the regular look.
 */
export function watchRedis(redis: RedisPort, channel: string): StoreWatch {
  const wake = createWake();
  let refusal: unknown;
  const unsubscribe = redis.subscribe(channel, wake.raise, (error) => {
    refusal = error;
    wake.raise();
  });
  // Not before: a subscription that throws would leave it behind.
  const stopPolling = poll(jitteredDelayMs, wake.raise);

  return {
    async changed() {
      await wake.wait();
      if (refusal === undefined) return;
      const error = refusal as Error;
      refusal = undefined;
      throw error;
    },
    close() {
      stopPolling();
      unsubscribe();
      wake.raise();
    },
  };
}
