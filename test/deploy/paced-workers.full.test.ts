import { describe, expect, it, onTestFinished } from 'vitest';
import type { FakeTT, FakeTTRequest } from '../../src/testing/index.js';
import { describeWithRedis } from '../helpers/describe-with-redis.js';
import { run, setUp } from '../helpers/examples.js';
import { startRedis } from '../helpers/redis-server.js';

const requestsPerSecond = 6;
const quotas = { requestsPerSecond, postIntervalMs: 1_000 };
const variables = { REQUESTS_PER_SECOND: `${requestsPerSecond}`, POST_INTERVAL_SECONDS: '1' };

/** All requests in order of arrival. */
function arrivals(tt: FakeTT): FakeTTRequest[] {
  return [...tt.tokenRequests, ...tt.requests].sort((a, b) => a.at - b.at);
}

function ofWorker(tt: FakeTT, worker: number): readonly FakeTTRequest[] {
  return tt.requests.filter(({ query }) => query.includes(`worker=${worker}&`));
}

/** The most requests that arrived within any second. */
function mostInASecond(requests: readonly FakeTTRequest[]): number {
  const within = ({ at }: FakeTTRequest) =>
    requests.filter((other) => other.at >= at && other.at < at + 1_000).length;
  return Math.max(...requests.map(within));
}

describe('examples/paced-workers.ts', () => {
  // Each worker has 10 reports and 2 calls of an order at once: 48 calls for a quota of 6, and the token request.
  it('sends eight times the quota from four workers without one 429 or lost call, orders first', async () => {
    const { tt, variables: access } = await setUp(quotas);
    const ended = await run('paced-workers.ts', { ...access, ...variables }, 300_000);
    expect({ ...ended, stdout: ended.stdout.split('\n').sort() }).toEqual({
      exitCode: 0,
      stdout: ['', ...[1, 2, 3, 4].map((id) => `worker ${id}: 12 calls answered`)],
      stderr: '',
    });
    expect(arrivals(tt).map(({ status }) => status)).toEqual(Array(49).fill(200));
    expect(mostInASecond(arrivals(tt))).toBeLessThanOrEqual(requestsPerSecond);
    const posts = tt.requests.filter(({ method }) => method === 'POST');
    expect(posts).toHaveLength(4);
    expect(mostInASecond(posts)).toBe(1);
    // The reports of each worker came first; at most those that found a place free go before its order.
    for (const worker of [1, 2, 3, 4]) {
      const calls = ofWorker(tt, worker);
      const order = calls.findIndex(({ path }) => path.startsWith('/ttledger/'));
      expect(order).toBeLessThan(requestsPerSecond);
      expect(calls).toHaveLength(12);
    }
  });

  it("keeps all workers from sending until a 429's Retry-After is over, and sends that call again", async () => {
    const { tt, variables: access } = await setUp(quotas);
    tt.failNextRequests({ status: 429, count: 1, retryAfterSeconds: 4 });
    const { exitCode } = await run('paced-workers.ts', { ...access, ...variables }, 300_000);
    expect(exitCode).toBe(0);
    const refused = tt.requests.find(({ status }) => status === 429);
    const since = (refused?.at ?? 0) + 4_000;
    const meanwhile = tt.requests.filter(({ at }) => at > (refused?.at ?? 0) && at < since);
    // At most those that had a place already; without the pause there would be four times as many.
    expect(meanwhile.length).toBeLessThan(requestsPerSecond);
    expect(tt.requests.filter(({ status }) => status === 200)).toHaveLength(48);
    expect(tt.requests).toHaveLength(49);
  });
});

describeWithRedis('examples/paced-workers.ts on two hosts', () => {
  it('keeps eight workers together inside the quota, with one token request', async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.stop());
    const { tt, folder, variables: access } = await setUp({ ...quotas, requestsPerSecond: 12 });
    const hosts = ['first', 'second'].map((host) =>
      run(
        'paced-workers.ts',
        {
          ...access,
          ...variables,
          REQUESTS_PER_SECOND: '12',
          REDIS_URL: `redis://127.0.0.1:${redis.port}`,
          TT_TOKEN_FILE: `${folder}/${host}.json`,
        },
        90_000,
      ),
    );
    for (const { exitCode, stderr } of await Promise.all(hosts)) {
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    }
    expect(tt.tokenRequests).toHaveLength(1);
    expect(arrivals(tt).map(({ status }) => status)).toEqual(Array(97).fill(200));
  });
});
