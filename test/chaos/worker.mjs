// One process or thread of the campaign: callers that use axios, ky, fetch and the manager itself without end,
// and tell the campaign what they got. With `threads` it is the host of such threads instead.
import fsp from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { performance } from 'node:perf_hooks';
import { clearInterval, setInterval } from 'node:timers';
import { setTimeout as pause } from 'node:timers/promises';
import { URL } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const { threads = [], ...settings } = isMainThread
  ? JSON.parse(process.env.CHAOS_WORKER)
  : workerData;

if (threads.length > 0) hostThreads();
else await work();

function hostThreads() {
  const ports = new Map(
    threads.map((name) => [
      name,
      new Worker(new URL(import.meta.url), { workerData: { ...settings, name } }),
    ]),
  );
  let running = ports.size;
  for (const [name, port] of ports) {
    port.on('message', (message) => process.connected && process.send(message));
    port.on('exit', () => {
      if (process.connected) process.send({ from: name, event: { name: 'ended' } });
      if (--running === 0) process.disconnect();
    });
  }
  process.on('message', (message) => {
    if (message.command === 'terminate') void ports.get(message.to).terminate();
    else ports.get(message.to).postMessage(message);
  });
  process.on('disconnect', () => process.exit());
}

/** Makes the file system of this thread fail on demand: `full`, `hung`, `noDescriptors`, or `well`. */
function spoilDisk() {
  let state = 'well';
  let thaw = Promise.resolve();
  let endHang = () => undefined;
  const fail = (code) => Promise.reject(Object.assign(new Error(`${code}: made up`), { code }));
  for (const name of ['open', 'stat', 'lstat', 'realpath', 'mkdir', 'rename', 'rm', 'rmdir']) {
    const inner = fsp[name];
    fsp[name] = async (...call) => {
      if (state === 'hung') await thaw;
      if (name === 'open' && state === 'noDescriptors') return fail('EMFILE');
      if (name === 'open' && state === 'full' && call[1] === 'wx') return fail('ENOSPC');
      return inner(...call);
    };
  }
  syncBuiltinESMExports();
  let lateUntil = 0;
  return {
    /** Whether a token may have waited for this store until it had expired. */
    mayMakeLate: () => state === 'hung' || performance.now() < lateUntil,
    become(next) {
      endHang();
      if (state === 'hung') lateUntil = performance.now() + 2_000;
      state = next;
      if (next === 'hung') thaw = new Promise((resolve) => (endHang = resolve));
    },
  };
}

async function work() {
  const { name, options, url, callers, pauseMs, eventNames, redis } = settings;
  const now = Date.now;
  let aheadMs = 0;
  Date.now = () => now() + aheadMs;

  const disk = spoilDisk();

  const { default: axios } = await import('axios');
  const { default: ky } = await import('ky');
  const { createTokenManager } = await import('tt-token-manager');
  const { authenticateAxios } = await import('tt-token-manager/axios');
  const { authenticateFetch } = await import('tt-token-manager/fetch');
  const { authenticateKy } = await import('tt-token-manager/ky');
  const { connectStore } = await import('../helpers/redis-store.mjs');

  function send(message) {
    if (!isMainThread) parentPort.postMessage({ from: name, ...message });
    else if (process.connected) process.send({ from: name, ...message });
  }

  const shared = redis && (await connectStore(redis, Number(/\d+$/.exec(name))));
  const store = shared?.store;
  const manager = createTokenManager({ ...options, appName: name, store });
  /** The token whose refusal called for a refresh: nobody may get it again, unless none can be had. */
  let refusedObtainedAt;
  for (const event of eventNames) {
    manager.on(event, (facts) => {
      if (event === 'rejected' && facts.willRefresh) refusedObtainedAt = facts.obtainedAt;
      send({ event: { name: event, at: now(), ...facts } });
    });
  }

  /** When this thread last had its turn: what it decided since then it could not know to be late. */
  let turnAt = now();
  const turns = setInterval(() => (turnAt = now()), 10).unref();

  async function getToken() {
    const token = await manager.getToken();
    if (token.expiresAt <= turnAt + aheadMs - 20 && !disk.mayMakeLate())
      send({ violation: `a token was handed out ${now() + aheadMs - token.expiresAt} ms late` });
    if (token.obtainedAt === refusedObtainedAt) send({ isRefused: true });
    return 200;
  }

  const instance = axios.create({ validateStatus: () => true });
  authenticateAxios(instance, manager);
  const authenticatedKy = authenticateKy(
    ky.create({ retry: 0, timeout: false, throwHttpErrors: false }),
    manager,
  );
  const authenticatedFetch = authenticateFetch(globalThis.fetch, manager);
  const read = async (response) => {
    await response.arrayBuffer();
    return response.status;
  };
  const clients = {
    manager: getToken,
    axios: async () => (await instance.get(url)).status,
    ky: async () => read(await authenticatedKy(url)),
    fetch: async () => read(await authenticatedFetch(url)),
  };

  let isStopping = false;
  let served = 0;
  async function call(client) {
    const startedAt = now();
    const fail = (why, retryAt) => {
      send({ failure: { client, why, retryAt, startedAt, endedAt: now() } });
      return false;
    };
    try {
      const status = await clients[client]();
      if (status !== 200) return fail(`HTTP ${status}`);
      served++;
      return true;
    } catch (error) {
      return fail(`${error.code ?? error.name}: ${error.message}`, error.retryAt);
    }
  }
  async function keepCalling(client) {
    while (!isStopping) {
      await call(client);
      await pause(pauseMs * (0.5 + Math.random()));
    }
  }
  const calling = Object.keys(clients).flatMap((client) =>
    Array.from({ length: callers }, () => keepCalling(client)),
  );

  const commands = {
    /** One call of each client; whether all were served. */
    probe: async () => (await Promise.all(Object.keys(clients).map(call))).every(Boolean),
    /** When the token that it would use now was obtained. */
    holds: () =>
      manager.getToken().then(
        ({ obtainedAt }) => obtainedAt,
        () => undefined,
      ),
    /** Calls served since the last time this was asked. */
    served() {
      const count = served;
      served = 0;
      return count;
    },
    block: ({ ms }) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms),
    clock: ({ ahead }) => void (aheadMs = ahead),
    disk: ({ state }) => disk.become(state),
    umask: ({ mask }) => void (isMainThread && process.umask(mask)),
    async stop() {
      isStopping = true;
      await Promise.all(calling);
      await manager.close();
      shared?.close();
      clearInterval(turns);
      return served;
    },
  };
  const port = isMainThread ? process : parentPort;
  port.on('message', async ({ id, command, details = {} }) => {
    send({ id, result: (await commands[command](details)) ?? null });
    if (command !== 'stop') return;
    if (isMainThread) process.disconnect();
    else parentPort.close();
  });
  if (isMainThread) process.on('disconnect', () => isStopping || process.exit());
  send({ event: { name: 'ready' } });
}
