import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { describeWithRedis, testedClients } from '../helpers/describe-with-redis.js';
import { startRedis } from '../helpers/redis-server.js';
import { startProxy } from '../helpers/tcp-proxy.js';
import { setRedisScene, type RedisScene } from './redis-scene.js';
import { together } from './scene.js';
import { optionsFor, type Served, type TestWorker } from './workers.js';

/** How long a lease lasts, and how much later sixteen processes may come to run on a busy machine. */
const [leaseMs, busyMs] = [1_500, 5_000];

function getAll(workers: readonly TestWorker[], callers = 50): Promise<Served[]> {
  return Promise.all(workers.map((worker) => worker.get({ callers })));
}

/** Proves that processes share again: what one fetches, the others take. */
async function expectShared(
  { tt }: RedisScene,
  [one, ...others]: readonly TestWorker[],
): Promise<void> {
  if (!one) throw new Error('no worker');
  const before = tt.tokenRequests.length;
  const { tokens } = await one.get({ forceRefresh: true });
  for (const other of others) {
    const [held = ''] = (await other.get()).tokens;
    await other.invalidate(held);
    expect((await other.get()).tokens).toEqual(tokens);
  }
  expect(tt.tokenRequests).toHaveLength(before + 1);
}

/** Waits until the clients have found a Redis that was away. */
async function expectBack(scene: RedisScene, workers: readonly TestWorker[]): Promise<void> {
  await expect.poll(() => scene.connected(workers.length)).toBe(true);
  await expectShared(scene, workers);
}

describeWithRedis('16 processes on one Redis', () => {
  it('share one token request when it is empty', async () => {
    const scene = await setRedisScene({ latencyMs: 50 });
    const workers = await scene.start(16);
    const served = together(await getAll(workers));
    expect(served).toEqual({ served: 800, tokens: [await scene.storedToken()] });
    expect(scene.tt.tokenRequests).toHaveLength(1);
  });

  it('share one token request when the token has expired', async () => {
    const scene = await setRedisScene({ latencyMs: 50 });
    const old = await scene.storeToken(-1_000);
    const workers = await scene.start(16);
    const served = together(await getAll(workers));
    expect(served).toEqual({ served: 800, tokens: [await scene.storedToken()] });
    expect(served.tokens).not.toContain(old);
    expect(scene.tt.tokenRequests).toHaveLength(1);
  });

  it('share one token request when the API refuses their token in all at once', async () => {
    const scene = await setRedisScene({ latencyMs: 50 });
    const workers = await scene.start(16);
    const [first = ''] = together(await getAll(workers)).tokens;
    scene.tt.revoke(first);
    await Promise.all(workers.map((worker) => worker.invalidate(first)));
    const { tokens } = together(await getAll(workers));
    expect(tokens).toHaveLength(1);
    expect(tokens).not.toContain(first);
    expect(scene.tt.tokenRequests).toHaveLength(2);
  });

  it('share one failed attempt, and one more once its back-off is over', async () => {
    const scene = await setRedisScene({ latencyMs: 50 });
    // Long enough for the last process of a busy machine to ask within it.
    scene.tt.failNextTokenRequests({ status: 500, count: 1, retryAfterSeconds: 5 });
    const workers = await scene.start(16);
    const errors = (await getAll(workers, 10)).flatMap((result) => result.errors);
    expect(errors).toHaveLength(160);
    expect(new Set(errors.map(({ code, retryAt }) => `${code} ${retryAt}`)).size).toBe(1);
    expect(scene.tt.tokenRequests).toHaveLength(1);

    const retryAt = errors[0]?.retryAt ?? 0;
    await expect.poll(() => Date.now()).toBeGreaterThan(retryAt);
    expect(together(await getAll(workers, 10)).served).toBe(160);
    expect(scene.tt.tokenRequests).toHaveLength(2);
  });
});

describeWithRedis('the process that refreshes over Redis', () => {
  it('is killed before its token request: one other asks, once, when the lease is over', async () => {
    const scene = await setRedisScene();
    const holder = await scene.startOne({ hangs: 'secret' });
    const others = await scene.start(15);
    void holder.get().catch(() => undefined);
    await holder.reached('secret');
    const waiting = getAll(others);
    await Promise.all(others.map((worker) => worker.status()));
    const killedAt = Date.now();
    await holder.kill();
    expect(together(await waiting)).toEqual({ served: 750, tokens: [expect.any(String)] });
    expect(scene.tt.tokenRequests).toHaveLength(1);
    expect((scene.tt.tokenRequests[0]?.at ?? Infinity) - killedAt).toBeLessThan(leaseMs + busyMs);
    const events = (await Promise.all(others.map((worker) => worker.events()))).flat();
    expect(events.filter(({ name }) => name === 'lockTakenOver')).toEqual([
      { name: 'lockTakenOver', ownerState: 'silent' },
    ]);
  });

  it('is killed during its token request: exactly one more is sent, when the lease is over', async () => {
    const scene = await setRedisScene();
    const workers = await scene.start(16);
    const release = scene.tt.holdTokenRequests();
    const calls = new Map(workers.map((worker) => [worker, worker.get({ callers: 50 })]));
    await scene.tt.waitForTokenRequests(1);
    const holder = scene.requester(workers);
    await Promise.all(workers.map((worker) => worker.status()));
    calls.delete(holder);
    const killedAt = Date.now();
    await holder.kill();
    release();
    const served = together(await Promise.all(calls.values()));
    expect(served).toEqual({ served: 750, tokens: [await scene.storedToken()] });
    expect(scene.tt.tokenRequests).toHaveLength(2);
    expect((scene.tt.tokenRequests[1]?.at ?? Infinity) - killedAt).toBeLessThan(leaseMs + busyMs);
  });

  it.each(['frozen', 'blocked'])(
    'is %s: another takes over, and it overwrites nothing',
    async (how) => {
      const scene = await setRedisScene();
      const workers = await scene.start(5);
      const release = scene.tt.holdTokenRequests();
      const calls = new Map(workers.map((worker) => [worker, worker.get()]));
      await scene.tt.waitForTokenRequests(1);
      const holder = scene.requester(workers);
      const holderCall = calls.get(holder);
      calls.delete(holder);
      if (how === 'frozen') holder.signal('SIGSTOP');
      const blocked = how === 'blocked' ? holder.block(4_000) : undefined;
      await scene.tt.waitForTokenRequests(2);
      release();
      const { tokens } = together(await Promise.all(calls.values()));
      expect(tokens).toHaveLength(1);
      holder.signal('SIGCONT');
      await blocked;
      expect((await holderCall)?.served).toBe(1);
      expect(await scene.storedToken()).toBe(tokens[0]);
      expect(scene.tt.tokenRequests).toHaveLength(2);
    },
  );

  it.each([
    ['while it is', 1_000],
    ['after it was', 4_000],
  ])(
    'gets its token %s cut off from Redis: another takes over, and it overwrites nothing',
    async (when, latencyMs) => {
      const scene = await setRedisScene({ latencyMs });
      const proxy = await startProxy(scene.redis.port);
      onTestFinished(() => proxy.close());
      const others = await scene.start(4);
      const holder = await scene.startOne({}, { port: proxy.port });
      const holderCall = holder.get({ callers: 50 });
      await scene.tt.waitForTokenRequests(1);
      proxy.cut();
      scene.tt.configure({ latencyMs: 0 });
      const { tokens } = together(await getAll(others));
      expect(tokens).toHaveLength(1);
      if (when === 'after it was') proxy.mend();
      const late = await holderCall;
      expect(late.served).toBe(50);
      expect(late.tokens).not.toEqual(tokens);
      proxy.mend();
      // Its connection keeps the order: when it sees the newer token, all that was held back has arrived.
      const { expiresAt } = (await others[0]?.status()) ?? {};
      await expect.poll(async () => (await holder.status()).expiresAt).toBe(expiresAt);
      expect(await scene.storedToken()).toBe(tokens[0]);
      expect(scene.tt.tokenRequests).toHaveLength(2);
      await expectShared(scene, [holder, ...others]);
    },
  );

  it.each(testedClients)('ends by itself while it waits for another: %s', async (from) => {
    const scene = await setRedisScene();
    const holder = await scene.startOne({ hangs: 'secret' });
    void holder.get().catch(() => undefined);
    await holder.reached('secret');
    const script = fileURLToPath(new URL('redis-exits.mjs', import.meta.url));
    const { tt, redis } = scene;
    const options = optionsFor(tt, 'exits', 'none.json');
    const exiting = promisify(execFile)(process.execPath, [
      script,
      JSON.stringify({ options, redis: { from, port: redis.port } }),
    ]);
    const asking = async (): Promise<number> =>
      String(await redis.command('client', 'list')).match(/ cmd=(get|eval)/g)?.length ?? 0;
    await expect.poll(asking).toBe(2);
    exiting.child.stdin?.end('now');
    expect(await exiting).toEqual({ stdout: 'MANAGER_CLOSED\n', stderr: '' });
    await expect.poll(() => scene.connected(1)).toBe(true);
  });
});

describeWithRedis('a Redis that is killed', () => {
  it('before a refresh: each process works in memory, and all share again once it is back, empty', async () => {
    const scene = await setRedisScene({ latencyMs: 50 });
    const workers = await scene.start(8);
    await scene.redis.kill();
    const served = await getAll(workers);
    expect(together(served).served).toBe(400);
    expect(scene.tt.tokenRequests).toHaveLength(8);
    for (const worker of workers) {
      expect((await worker.events()).map(({ name }) => name)).toContain('storeFailed');
    }
    await getAll(workers);
    expect(scene.tt.tokenRequests).toHaveLength(8);
    await scene.redis.restart();
    await expectBack(scene, workers);
  });

  it('during a refresh: each process asks for itself, once, and none waits for it', async () => {
    const scene = await setRedisScene();
    const workers = await scene.start(8);
    const release = scene.tt.holdTokenRequests();
    const calls = getAll(workers);
    await scene.tt.waitForTokenRequests(1);
    await Promise.all(workers.map((worker) => worker.status()));
    await scene.redis.kill();
    await scene.tt.waitForTokenRequests(8);
    release();
    expect(together(await calls).served).toBe(400);
    expect(scene.tt.tokenRequests).toHaveLength(8);
    await scene.redis.restart();
    await expectBack(scene, workers);
  });

  it('after a refresh: nobody notices, and a new process costs one token request', async () => {
    const scene = await setRedisScene();
    const workers = await scene.start(8);
    const { tokens } = together(await getAll(workers));
    await scene.redis.kill();
    expect(together(await getAll(workers))).toEqual({ served: 400, tokens });
    await scene.redis.restart();
    const [newcomer] = await scene.start(1);
    await newcomer?.get();
    expect(scene.tt.tokenRequests).toHaveLength(2);
    await expectBack(scene, [...workers, newcomer as TestWorker]);
  });

  it('while the endpoint is down: each process keeps its own back-off', async () => {
    const scene = await setRedisScene();
    const workers = await scene.start(4);
    await scene.redis.kill();
    scene.tt.failNextTokenRequests({ status: 500, count: Infinity });
    const failed = (await getAll(workers)).flatMap(({ errors }) => errors);
    expect(failed).toHaveLength(200);
    for (let round = 0; round < 5; round++) {
      const again = (await getAll(workers)).flatMap(({ errors }) => errors);
      expect(again.every(({ retryAt = 0 }) => retryAt > 0)).toBe(true);
    }
    // A process has waited for Redis when it asks: its first back-off may be over when the last one calls again.
    expect(scene.tt.tokenRequests.length).toBeLessThanOrEqual(8);
    expect(scene.tt.tokenRequests.length).toBeGreaterThanOrEqual(4);
  });
});

describeWithRedis('a Redis that does not do what it should', () => {
  /** The processes serve their callers from memory, at the price of one token request each. */
  async function expectInMemory(
    scene: RedisScene,
    workers: readonly TestWorker[],
    operation: string,
    code: string,
    message: string,
  ): Promise<void> {
    const served = await getAll(workers);
    expect(together(served).served).toBe(workers.length * 50);
    for (const { waitedMs } of served) expect(waitedMs).toBeLessThan(8_500);
    for (const worker of workers) {
      const events = await worker.events();
      expect(events).toContainEqual({
        name: 'storeFailed',
        operation,
        code,
        message: expect.stringContaining(message) as string,
      });
    }
    expect(scene.tt.tokenRequests).toHaveLength(workers.length);
  }

  /** Waits until each process has its late answers from Redis: until then it works in memory. */
  async function expectAnswers(
    scene: RedisScene,
    [one, ...others]: readonly TestWorker[],
  ): Promise<void> {
    const stored = async (): Promise<boolean> => {
      const token = (await one?.get({ forceRefresh: true }))?.tokens[0];
      return token === (await scene.storedToken());
    };
    await expect.poll(stored).toBe(true);
    const expiresAt = (await one?.status())?.expiresAt;
    for (const other of others) {
      await expect.poll(async () => (await other.status()).expiresAt).toBe(expiresAt);
    }
  }

  it('frozen: nobody waits for its end, and all share again after it', async () => {
    const scene = await setRedisScene();
    const workers = await scene.start(8);
    scene.redis.signal('SIGSTOP');
    await expectInMemory(
      scene,
      workers,
      'read',
      'ETIMEDOUT',
      'the store did not answer within 5000 ms',
    );
    scene.redis.signal('SIGCONT');
    await expectAnswers(scene, workers);
    await expectShared(scene, workers);
  });

  it('full: each process works in memory until there is room', async () => {
    const scene = await setRedisScene();
    const workers = await scene.start(4);
    await scene.redis.command('config', 'set', 'maxmemory', '1');
    await expectInMemory(scene, workers, 'lock', 'OOM', 'OOM command not allowed');
    await scene.redis.command('config', 'set', 'maxmemory', '0');
    await expectShared(scene, workers);
  });

  it('full in the middle of a refresh: the fetched token is served all the same', async () => {
    const scene = await setRedisScene();
    const [worker] = await scene.start(1);
    const release = scene.tt.holdTokenRequests();
    const call = worker?.get({ callers: 50 });
    await scene.tt.waitForTokenRequests(1);
    await scene.redis.command('config', 'set', 'maxmemory', '1');
    release();
    expect((await call)?.served).toBe(50);
    expect(await worker?.events()).toContainEqual({
      name: 'storeFailed',
      operation: 'write',
      code: 'OOM',
      message: expect.stringContaining('OOM') as string,
    });
    expect(scene.tt.tokenRequests).toHaveLength(1);
  });

  it('read-only: each process works in memory until it can be written', async () => {
    const scene = await setRedisScene();
    const primary = await startRedis();
    onTestFinished(() => primary.stop());
    const workers = await scene.start(4);
    await scene.redis.command('replicaof', '127.0.0.1', String(primary.port));
    await expectInMemory(
      scene,
      workers,
      'lock',
      'READONLY',
      "You can't write against a read only replica",
    );
    await scene.redis.command('replicaof', 'no', 'one');
    await expectShared(scene, workers);
  });

  it('with another password: each process works in memory, and none crashes', async () => {
    const scene = await setRedisScene();
    await scene.redis.command('config', 'set', 'requirepass', 'word');
    const workers = await Promise.all(
      Array.from({ length: 4 }, () => scene.startOne({}, { password: 'another-word' })),
    );
    const served = await getAll(workers);
    expect(together(served).served).toBe(200);
    expect(scene.tt.tokenRequests).toHaveLength(4);
    for (const worker of workers) {
      expect((await worker.events()).map(({ name }) => name)).toContain('storeFailed');
      expect(JSON.stringify(await worker.events())).not.toContain('another-word');
    }
  });
});
