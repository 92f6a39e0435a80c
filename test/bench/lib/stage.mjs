import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRedis } from '../../helpers/redis-server.ts';
import { requestToken } from '../clients/shared.mjs';
import { startChild } from './calls.mjs';

/** The children and files of one scenario; none is left when it is closed, or when the process exits. */
export function createStage() {
  const folder = mkdtempSync(join(tmpdir(), 'tt-token-bench-'));
  const children = [];
  process.once('exit', clear);

  function clear() {
    for (const child of children) void child.kill();
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }

  async function start(file, execArgv) {
    const child = startChild(file, execArgv);
    children.push(child);
    await child.isReady;
    return child;
  }

  const startWorker = (execArgv) => start('worker.mjs', execArgv);
  /** A path in an empty folder of its own. */
  const newTokenFile = () => join(mkdtempSync(join(folder, 'store-')), 'token.json');

  return {
    newTokenFile,
    startWorker,
    startWorkers: (count) => Promise.all(Array.from({ length: count }, () => startWorker())),
    async startService() {
      const service = await start('service.mjs');
      return { ...service, origin: await service.call('origin') };
    },
    /** The port of a Redis of its own. */
    async startRedis() {
      const server = await startRedis();
      children.push({ kill: server.stop });
      return server.port;
    },
    /** A worker whose client has a token, and gets its answers in memory. */
    async startCached(id, service, execArgv) {
      const worker = await startWorker(execArgv);
      const settings = { id, origin: service.origin, api: 'memory', name: 'bench' };
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
