import { onTestFinished } from 'vitest';
import { toRecord, type StoredRecord } from '../../src/records/record.js';
import { redisStore } from '../../src/stores/redis/index.js';
import type { StoreSession } from '../../src/stores/store.js';
import type { FakeTTOptions } from '../../src/testing/index.js';
import { fingerprint } from '../../src/tt/credentials.js';
import { clientPackages, connect, type ConnectOptions } from '../helpers/redis-connect.mjs';
import { startRedis, type RedisServer } from '../helpers/redis-server.js';
import { setScene, type Scene } from './scene.js';
import type { TestWorker, WorkerSettings } from './workers.js';

/** A scene whose processes share nothing but a Redis, each through the next of the four clients. */
export interface RedisScene extends Pick<Scene, 'tt' | 'requester'> {
  readonly redis: RedisServer;
  start(count: number, settings?: WorkerSettings): Promise<readonly TestWorker[]>;
  startOne(settings?: WorkerSettings, options?: Partial<ConnectOptions>): Promise<TestWorker>;
  /** Puts a token into Redis that ends so many milliseconds from now, or ended before. */
  storeToken(endsInMs: number): Promise<string>;
  /** The token in Redis. */
  storedToken(): Promise<string | undefined>;
  /** Resolves when so many clients have a connection. */
  connected(count: number): Promise<boolean>;
}

/** Sets up a {@link RedisScene}. */
export async function setRedisScene(fakeOptions: FakeTTOptions = {}): Promise<RedisScene> {
  const scene = await setScene(fakeOptions);
  const redis = await startRedis();
  onTestFinished(() => redis.stop());
  let started = 0;

  function startOne(
    settings?: WorkerSettings,
    options?: Partial<ConnectOptions>,
  ): Promise<TestWorker> {
    const from = clientPackages[started++ % clientPackages.length] ?? 'redis';
    // Without a common file, whatever becomes of the store.
    const tokenFile = `${scene.tokenFile}-${started}`;
    const connection = { from, port: redis.port, ...options };
    return scene.startOne({ ...settings, redis: connection }, { tokenFile });
  }

  const identity = {
    environment: 'UAT',
    baseUrl: `${scene.tt.url}/`,
    keyFingerprint: fingerprint(scene.tt.apiKey),
  } as const;

  async function withSession<Result>(use: (session: StoreSession) => Promise<Result>) {
    const { client, close } = await connect({ from: 'redis', port: redis.port });
    try {
      return await use(redisStore({ client }).open(identity));
    } finally {
      close();
    }
  }

  return {
    tt: scene.tt,
    requester: scene.requester,
    redis,
    startOne,
    start: (count, settings) =>
      Promise.all(Array.from({ length: count }, () => startOne(settings))),
    async storeToken(endsInMs) {
      const accessToken = 'stored-token-of-the-test';
      const expiresAt = Date.now() + endsInMs;
      const obtainedAt = expiresAt - 3_600_000;
      const token = { accessToken, tokenType: 'bearer', obtainedAt, expiresAt };
      await withSession((session) =>
        session.write(JSON.stringify(toRecord(identity, { token })), { lifeMs: 3_600_000 }),
      );
      return accessToken;
    },
    storedToken: () =>
      withSession(async (session) => {
        const record = JSON.parse((await session.read()) ?? '{}') as Partial<StoredRecord>;
        return record.token?.accessToken;
      }),
    async connected(count) {
      const clients = String(await redis.command('client', 'list'))
        .trim()
        .split('\n');
      return clients.length - 1 === count;
    },
  };
}
