// A process with many managers of the package, to count what they take.
import { createHook } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { createManager } from '../clients/manager.mjs';
import { answerCalls } from './calls.mjs';

let managers = [];
/** What the process has sent over its Redis clients, by command. */
const sent = { get: 0, eval: 0 };

/** Collects garbage until the heap does not shrink any more. */
function heapBytes() {
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

/** The timers that are set, with those that keep no process alive. */
const timers = new Set();

/** Begins to count them, which takes time and memory. */
function watchTimers() {
  const init = (id, type) => type === 'Timeout' && timers.add(id);
  createHook({ init, destroy: (id) => timers.delete(id) }).enable();
}

function counted(client, name) {
  const send = client[name].bind(client);
  client[name] = (...parts) => {
    sent[name]++;
    return send(...parts);
  };
}

async function connectedStore({ port, keyPrefix }) {
  const { redisStore } = await import('tt-token-manager/redis');
  const { createClient } = await import('redis');
  const client = createClient({ socket: { host: '127.0.0.1', port } });
  await client.on('error', () => undefined).connect();
  Object.keys(sent).forEach((name) => counted(client, name));
  return redisStore({ client, keyPrefix });
}

/** All ask, so many at a time. */
async function getTokens({ together = managers.length } = {}) {
  const startedAt = performance.now();
  const waiting = managers.values();
  let failures = 0;
  async function askInTurn() {
    for (const manager of waiting) await manager.getToken().catch(() => failures++);
  }
  await Promise.all(Array.from({ length: together }, askInTurn));
  return { ms: performance.now() - startedAt, finishedAt: Date.now(), failures };
}

async function closeAll() {
  await Promise.all(managers.map((manager) => manager.close()));
  managers = [];
}

answerCalls({
  /** Managers of as many identities, each with a token file in one folder, and a token for each. */
  async takeIdentities({ count, together, folder, origin }) {
    await closeAll();
    const heapBefore = heapBytes();
    const startedAt = performance.now();
    managers = Array.from({ length: count }, (_, index) =>
      createManager({
        ...{ origin, name: `m${index}`, key: randomUUID() },
        tokenFile: join(folder, `token-${index}.json`),
      }),
    );
    const createMs = performance.now() - startedAt;
    const served = await getTokens({ together });
    return { ...served, createMs, bytes: heapBytes() - heapBefore };
  },

  watchTimers,
  /** Closes all managers; returns how many timers that ended. */
  async closeAll() {
    const before = timers.size;
    await closeAll();
    await setImmediate(); // Node is told of them a little later
    return before - timers.size;
  },

  /** Managers of one identity, behind as many Redis clients. */
  async createOnRedis({ count, clients, redis, origin, name }) {
    const stores = await Promise.all(Array.from({ length: clients }, () => connectedStore(redis)));
    managers = Array.from({ length: count }, (_, index) =>
      createManager({ origin, name, store: stores[index % clients] }),
    );
  },
  getTokens,
  sent: () => sent,
});
