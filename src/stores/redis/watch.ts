import type { RedisPort } from './client.js';
import type { StoreWatch } from '../store.js';
import { createWake, regularly } from '../wake.js';

/**
 * Wakes with each message on a channel, and every 100 to 250 ms besides. The next wait rejects where the
 * subscription fails; after that, it wakes by time alone.
 */
export function watchRedis(redis: RedisPort, channel: string): StoreWatch {
  const wake = createWake();
  let failure: unknown;
  const unsubscribe = redis.subscribe(channel, wake.raise, (error) => {
    failure = error;
    wake.raise();
  });
  // A subscription that throws must leave no timer behind.
  const stopRaising = regularly(wake.raise);

  return {
    async changed() {
      await wake.wait();
      if (failure === undefined) return;
      const error = failure as Error;
      failure = undefined;
      throw error;
    },
    close() {
      stopRaising();
      unsubscribe();
      wake.raise();
    },
  };
}
