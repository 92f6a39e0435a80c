import { startRedis } from '../helpers/redis-server.js';
import { spacedUntil, type Place } from './faults.js';
import { redisFaults } from './redis-faults.js';

/** Starts a Redis for the members of a campaign. */
export async function openRedisPlace(): Promise<Place> {
  const redis = await startRedis();
  const names = async (): Promise<string[]> => (await redis.command('keys', '*')) as string[];

  async function record(): Promise<string> {
    const name = (await names()).find((key) => key.endsWith(':record'));
    return name === undefined ? '' : String(await redis.command('get', name));
  }

  return {
    settings: { redis: { port: redis.port } },
    faults: redisFaults(redis),
    silentMs: 1_200,
    spacedUntil: async () => spacedUntil(await record()),
    // Redis itself keeps a record whole.
    watch: () => Promise.resolve(),
    lookAway: () => Promise.resolve(),
    isWhole: async () => /^\{"version":1,.*"(token|failure)":.*\}\n$/.test(await record()),
    isTidy: async () => {
      const [name, ...others] = await names();
      return name?.endsWith(':record') === true && others.length === 0;
    },
    close: () => redis.stop(),
  };
}
