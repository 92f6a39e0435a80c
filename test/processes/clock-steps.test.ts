import { describe, expect, it } from 'vitest';
import { describeWithRedis } from '../helpers/describe-with-redis.js';
import { setRedisScene, type RedisScene } from './redis-scene.js';
import { setScene, together, type Scene } from './scene.js';
import type { Served, TestWorker } from './workers.js';

/** Any two of these clocks are at most a minute apart: a record dated further ahead counts as none. */
const stepsMs = [-30_000, 29_000, -20_000, 0];

function getAll(workers: readonly TestWorker[]): Promise<Served[]> {
  return Promise.all(workers.map((worker) => worker.get({ callers: 20 })));
}

async function expectOneRequestARefresh({ tt, start, startOne }: Scene | RedisScene) {
  const workers = await start(stepsMs.length);
  const [refused = ''] = together(await getAll(workers)).tokens;
  const setClocks = (sign: number) =>
    Promise.all(workers.map((worker, index) => worker.setClock(sign * (stepsMs[index] ?? 0))));

  await setClocks(1);
  await Promise.all(workers.map((worker) => worker.invalidate(refused)));
  const { served, tokens } = together(await getAll(workers));
  expect(served).toBe(20 * workers.length);
  expect(tokens).toHaveLength(1);
  expect(tokens).not.toContain(refused);
  expect((await (await startOne()).get()).tokens).toEqual(tokens);
  expect(tt.tokenRequests).toHaveLength(2);

  await setClocks(-1);
  const forced = await workers[0]?.get({ forceRefresh: true });
  expect(forced?.tokens).not.toEqual(tokens);
  expect((await (await startOne()).get()).tokens).toEqual(forced?.tokens);
  expect(tt.tokenRequests).toHaveLength(3);
}

describe('clocks that are set by up to a minute, each process another', () => {
  it('cost one token request a refresh on a file', async () => {
    await expectOneRequestARefresh(await setScene());
  });
});

describeWithRedis('clocks that are set by up to a minute, each process another', () => {
  it('cost one token request a refresh over Redis', async () => {
    await expectOneRequestARefresh(await setRedisScene());
  });
});
