import { setTimeout as pause } from 'node:timers/promises';
import type { RedisServer } from '../helpers/redis-server.js';
import { alone, inMidRefresh, last, spoilt, type Fault, type Target } from './faults.js';

/** The longest pause between two attempts of a client to connect. */
const reconnectMs = 2_200;
const unusedPort = '1';

/** The faults of a Redis that all members share. */
export function redisFaults(redis: RedisServer): readonly Fault[] {
  async function nameOf(part: string): Promise<string> {
    const [name = part] = (await redis.command('keys', `*:${part}`)) as string[];
    return name;
  }

  /** Each member is left to itself while it lasts, and until its client has found Redis again. */
  function away(
    name: string,
    begin: (ms: number) => unknown,
    end: () => unknown,
    longestMs = 4_000,
  ): Fault {
    return {
      name,
      spoilsStore: true,
      async run({ fleet, random }: Target) {
        const ms = random.integer(0, longestMs);
        await begin(ms);
        await pause(ms);
        await end();
        return alone(fleet, ms + reconnectMs);
      },
    };
  }

  return [
    away('Redis killed, and started again empty', redis.kill, redis.restart),
    away(
      'Redis frozen',
      () => redis.signal('SIGSTOP'),
      () => redis.signal('SIGCONT'),
    ),
    away(
      'Redis paused',
      (ms) => redis.command('client', 'pause', String(ms), 'ALL'),
      () => redis.command('ping'),
    ),
    away(
      'Redis read-only',
      () => redis.command('replicaof', '127.0.0.1', unusedPort),
      () => redis.command('replicaof', 'no', 'one'),
    ),
    away(
      'Redis full',
      () => redis.command('config', 'set', 'maxmemory', '1'),
      () => redis.command('config', 'set', 'maxmemory', '0'),
    ),
    away(
      'all connections closed',
      () => redis.command('client', 'kill', 'type', 'normal'),
      () => redis.command('client', 'kill', 'type', 'pubsub'),
      100,
    ),
    // It may lose the lease of a refresh as well.
    spoilt('Redis flushed', () => redis.command('flushall'), 2),
    spoilt('the record full of rubbish', async () =>
      redis.command('set', await nameOf('record'), '{"version":1,"tok'),
    ),
    {
      name: 'the lease removed in mid-refresh',
      run: (target) =>
        inMidRefresh(target, async () => {
          await redis.command('del', await nameOf('lease'));
          return last(700, 1);
        }),
    },
    {
      name: 'a lease left over',
      async run() {
        const record = await nameOf('record');
        const lease = record.replace(/record$/, 'lease');
        await redis.command('set', lease, 'of a process that is gone', 'NX', 'PX', '1500');
        return last(1_500, 0);
      },
    },
  ];
}
