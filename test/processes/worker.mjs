// A process (or worker thread) that has one token manager after another, and does what the test tells it to.
import fsp from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { createTokenManager, isTokenError } from 'tt-token-manager';

const { hangs, eventNames } = isMainThread ? JSON.parse(process.argv[2]) : workerData;
const send = isMainThread
  ? (message) => process.send(message)
  : (message) => parentPort.postMessage(message);
const forever = new Promise(() => undefined);

/** Tells the test that the process has come to this point, and stays there. */
function hangAt(point) {
  send({ reached: point });
  return forever;
}

/** The file operations before which a process hangs, and their path. */
const hangPoints = {
  folder: ['chmod', /\.lock$/],
  entry: ['readdir', /\.lock$/],
  rename: ['rename', /\.tmp$/],
  release: ['unlink', /\.lock\//],
};
if (hangs in hangPoints) {
  const [operation, place] = hangPoints[hangs];
  const inner = fsp[operation];
  fsp[operation] = async (path, ...rest) =>
    place.test(path) ? hangAt(hangs) : inner(path, ...rest);
  syncBuiltinESMExports();
}
if (hangs === 'full-disk') {
  const open = fsp.open;
  fsp.open = async (path, flags, mode) => {
    if (flags !== 'wx') return open(path, flags, mode);
    throw Object.assign(new Error('ENOSPC: no space left on device, open'), { code: 'ENOSPC' });
  };
  syncBuiltinESMExports();
}

const now = Date.now;
let events;
let manager;
let shared;

const commands = {
  async begin({ options, redis }) {
    Date.now = now;
    events = [];
    const { apiSecret, ...rest } = options;
    shared = redis && (await (await import('../helpers/redis-store.mjs')).connectStore(redis));
    manager = createTokenManager({
      ...rest,
      store: shared?.store,
      apiSecret: hangs === 'secret' ? () => hangAt('secret') : apiSecret,
    });
    for (const name of eventNames) {
      manager.on(name, (event) => void events.push({ name, ...event }));
    }
  },
  async end() {
    await manager.close();
    shared?.close();
  },
  /** Many callers at once; what each got, told once where all got the same. */
  async get({ callers = 1, forceRefresh = false }) {
    const startedAt = Date.now();
    const results = await Promise.allSettled(
      Array.from({ length: callers }, () => manager.getToken({ forceRefresh })),
    );
    const tokens = results.flatMap(({ value }) => value?.accessToken ?? []);
    const errors = results.flatMap(({ reason }) => (reason ? describe(reason) : []));
    return {
      served: tokens.length,
      tokens: [...new Set(tokens)],
      errors,
      startedAt,
      waitedMs: Date.now() - startedAt,
      finishedAt: Date.now(),
    };
  },
  invalidate: ({ token }) => manager.invalidate(token),
  status: () => manager.status(),
  events: () => events,
  block: ({ ms }) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms),
  clock: ({ aheadMs }) => void (Date.now = () => now() + aheadMs),
  close: () => manager.close(),
};

function describe(error) {
  return isTokenError(error)
    ? { code: error.code, responseStatus: error.responseStatus, retryAt: error.retryAt }
    : { code: 'OTHER', message: String(error) };
}

(isMainThread ? process : parentPort).on('message', async ({ id, command, details }) => {
  try {
    send({ id, result: await commands[command](details ?? {}) });
  } catch (error) {
    send({ id, failure: describe(error) });
  }
});
send({ reached: 'ready' });
