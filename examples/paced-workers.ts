// axios in four cluster workers that stay inside TT's quotas together; with REDIS_URL, in workers on any number of hosts.
//   npm install tt-token-manager axios axios-retry rate-limiter-flexible redis
//   TT_API_KEY=... TT_API_SECRET=... TT_APP_NAME='My App' TT_COMPANY_NAME='Acme Co' npx tsx examples/paced-workers.ts
import axios from 'axios';
import cluster from 'node:cluster';
import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import {
  RateLimiterCluster,
  RateLimiterClusterMaster,
  RateLimiterRedis,
  type RateLimiterAbstract,
} from 'rate-limiter-flexible';
import { createClient } from 'redis';
import { createTokenManager, optionsFromEnv, type TokenManagerOptions } from 'tt-token-manager';
import { authenticateAxios } from 'tt-token-manager/axios';
import { redisStore } from 'tt-token-manager/redis';
import { createPacer, pace, type Importance } from './pacing.js';

const { REDIS_URL } = process.env;

/** A limiter for the workers of this cluster; with a Redis client, for those of all hosts. */
function createLimiter(
  { environment, apiKey }: TokenManagerOptions,
  redis: object | undefined,
): RateLimiterAbstract {
  const quotas = createHash('sha256').update(`${environment} ${apiKey}`).digest('hex');
  // The place of a worker that dies is free again after three seconds.
  const rules = { keyPrefix: `tt-pace-${quotas.slice(0, 16)}`, points: 1, duration: 3 };
  const ofCluster = new RateLimiterCluster(rules);
  if (!redis) return ofCluster;
  return new RateLimiterRedis({
    ...rules,
    storeClient: redis,
    useRedisPackage: true,
    rejectIfRedisNotReady: true,
    insuranceLimiter: ofCluster, // while Redis is down
  });
}

async function work(): Promise<void> {
  const options = optionsFromEnv();
  const redis = REDIS_URL
    ? createClient({ url: REDIS_URL }).on('error', () => undefined)
    : undefined;
  if (redis) await Promise.race([redis.connect(), wait(2_000)]);
  const pacer = createPacer(createLimiter(options, redis));

  await using manager = createTokenManager({
    ...options,
    ...(redis && { store: redisStore({ client: redis }) }),
    timeoutMs: 30_000, // a token request waits for its place like any other
    fetch: (url, init) =>
      pacer.call('order', async () => {
        const response = await fetch(url, init);
        if (response.status === 429) await pacer.pause(response.headers.get('retry-after'));
        return response;
      }),
  });
  const create = (importance: Importance) => {
    const client = axios.create({ timeout: 10_000 });
    pace(client, pacer, importance);
    authenticateAxios(client, manager);
    return client;
  };
  const reports = create('report');
  const orders = create('order');
  const query = { params: { worker: cluster.worker?.id } };
  const answers = await Promise.all([
    ...Array.from({ length: 10 }, () => reports.get(manager.apiUrl('ttpds', 'markets'), query)),
    orders.get(manager.apiUrl('ttledger', 'orders'), query),
    orders.post(manager.apiUrl('ttaccount', 'account'), { name: 'Example' }, query),
  ]);
  console.log(`worker ${cluster.worker?.id}: ${answers.length} calls answered`);
  redis?.destroy();
}

try {
  if (cluster.isWorker) await work();
  else {
    optionsFromEnv(); // a missing variable is said once, here
    new RateLimiterClusterMaster();
    for (let count = 0; count < 4; count++) {
      // A worker that has just ended takes no answer (EPIPE); its exit says whether it failed.
      cluster.fork().on('error', () => undefined);
    }
    cluster.on('exit', (_worker, code) => (process.exitCode = code === 0 ? process.exitCode : 1));
  }
} catch (error) {
  console.error(`paced-workers: ${error instanceof Error ? error.message : 'failed'}`);
  process.exitCode = 1;
}
cluster.worker?.disconnect();
