// A process with one manager of the package, to take its refreshes apart.
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { requestToken } from '../clients/shared.mjs';
import { answerCalls } from './calls.mjs';
import { fileCalls } from './file-calls.mjs';

let manager;
let isFetched;
let redis;
/** What the last token request took until its answer came. */
let requestMs;
/** Commands sent over the Redis client; each is a round trip, because the package waits for its answer. */
let commands = 0;

const bareFetch = globalThis.fetch;
globalThis.fetch = async (...parts) => {
  const startedAt = performance.now();
  const response = await bareFetch(...parts);
  requestMs = performance.now() - startedAt;
  return response;
};

function countCalls(client, name) {
  const send = client[name].bind(client);
  client[name] = (...parts) => {
    commands++;
    return send(...parts);
  };
}

/** Connects once: later managers use the same connection. */
async function connectedStore({ port, keyPrefix }) {
  const { redisStore } = await import('tt-token-manager/redis');
  const { createClient } = await import('redis');
  if (!redis) {
    redis = createClient({ socket: { host: '127.0.0.1', port } });
    await redis.on('error', () => undefined).connect();
    for (const name of ['get', 'eval']) countCalls(redis, name);
  }
  return redisStore({ client: redis, keyPrefix });
}

async function create({ redis: shared, ...settings }) {
  await manager?.close();
  const { createManager } = await import('../clients/manager.mjs');
  const store = shared && (await connectedStore(shared));
  manager = createManager({ ...settings, store });
  isFetched = false;
  manager.on('refreshed', () => (isFetched = true));
}

const refresh = () => manager.getToken({ forceRefresh: true });

async function timed(run) {
  const startedAt = performance.now();
  await run();
  return performance.now() - startedAt;
}

/** About the size of one. */
const record = 'x'.repeat(1_800);

/** What a durable replacement of a file takes on this disk, as short as it can be. */
async function replaceDurably(folder, text) {
  const temporary = join(folder, 'bare.tmp');
  const file = await open(temporary, 'wx', 0o600);
  await file.writeFile(text);
  await file.sync();
  await file.close();
  await rename(temporary, join(folder, 'bare'));
  const parent = await open(folder, 'r');
  await parent.sync();
  await parent.close();
}

async function holdings() {
  await sleep(50); // what has ended is let go of in later turns
  globalThis.gc();
  globalThis.gc();
  return {
    heap: process.memoryUsage().heapUsed,
    handles: process.getActiveResourcesInfo().length,
  };
}

answerCalls({
  create,

  /** Leaves a token of two days ago in the store, as a refresh finds one. */
  async leaveExpired(settings) {
    const { now } = Date;
    Date.now = () => now() - 2 * 86_400_000;
    await create(settings);
    await manager.getToken();
    Date.now = now;
  },

  /** A token request without the manager. */
  timeRequest: (settings) => timed(() => requestToken(settings)),
  async timeDisk({ tokenFile }) {
    const folder = dirname(tokenFile);
    await mkdir(folder, { recursive: true });
    return timed(() => replaceDurably(folder, record));
  },
  timeRefresh: () => timed(refresh),

  async getToken() {
    const before = commands;
    const ms = await timed(() => manager.getToken());
    return { ms, requestMs, finishedAt: Date.now(), isFetched, commands: commands - before };
  },

  async refreshMany({ count }) {
    for (let index = 0; index < count; index++) await refresh();
  },
  /** Milliseconds of each refresh, and of a token request and a replaced file by hand right before it. */
  async compareMany({ count, ...settings }) {
    const pairs = [];
    for (let index = 0; index < count; index++) {
      const byHandMs = await timed(async () => {
        await requestToken(settings);
        await replaceDurably(dirname(settings.tokenFile), record);
      });
      pairs.push({ byHandMs, refreshMs: await timed(refresh) });
    }
    return pairs;
  },

  holdings,
  commands: () => commands,
  pid: () => process.pid,
  fileCalls,
  /** Bytes that the process caused to be written to the disk, which takes whole blocks. */
  async writtenBytes() {
    const text = await readFile('/proc/self/io', 'utf8');
    return Number(/^write_bytes: (\d+)/m.exec(text)[1]);
  },
});
