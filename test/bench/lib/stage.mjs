import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRedis } from '../../helpers/redis-server.ts';
import { requestToken } from '../clients/shared.mjs';
import { startChild, startThread } from './calls.mjs';

/** The children and files of one scenario; none is left when it is closed, or when the process exits. */
export function createStage() {
  const folder = mkdtempSync(join(tmpdir(), 'tt-token-bench-'));
  const children = [];
  process.once('exit', clear);

  function clear() {
    for (const child of children) void child.kill();
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }

  async function ready(child) {
    children.push(child);
    await child.isReady;
    return child;
  }

  async function startRedisServer() {
    const server = await startRedis();
    children.push({ kill: server.stop });
    return server;
  }

  const start = (file, execArgv) => ready(startChild(file, execArgv));
  const startWorker = (execArgv) => start('worker.mjs', execArgv);
  const many = (count, startOne) => Promise.all(Array.from({ length: count }, () => startOne()));
  /** A path in an empty folder of its own. */
  const newTokenFile = () => join(mkdtempSync(join(folder, 'store-')), 'token.json');

  return {
    newTokenFile,
    startWorker,
    startWorkers: (count) => many(count, startWorker),
    /** Workers that are threads of this process. */
    startThreads: (count) => many(count, () => ready(startThread('worker.mjs'))),
    /** A process with as many managers as it is asked for. */
    startManagers: () => start('managers.mjs', ['--expose-gc']),
    /** A process with a manager whose refreshes are taken apart. */
    startRefresher: () => start('refresher.mjs', ['--expose-gc']),
    async startService() {
      const service = await start('service.mjs');
      return { ...service, origin: await service.call('origin') };
    },
    startRedisServer,
    /** The port of a Redis of its own. */
    startRedis: async () => (await startRedisServer()).port,
    /** A worker whose client has a token, and gets its answers in memory unless told otherwise. */
    async startCached(id, service, { execArgv, api = 'memory' } = {}) {
      const worker = await startWorker(execArgv);
      const settings = { id, origin: service.origin, api, name: 'bench' };
      const token = await requestToken(settings);
      await worker.call('create', { ...settings, token, tokenFile: newTokenFile() });
      return worker;
    },
    async close() {
      await Promise.all(children.map((child) => child.kill()));
      process.off('exit', clear);
      clear();
    },
  };
}
