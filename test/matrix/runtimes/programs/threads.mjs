// The main thread and three workers share one token request.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { createTokenManager } from 'tt-token-manager';
import { startFakeTT } from 'tt-token-manager/testing';

const program = fileURLToPath(import.meta.url);

const tokenOf = async (options) => {
  const manager = createTokenManager(options);
  const { accessToken } = await manager.getToken();
  await manager.close();
  return accessToken;
};

async function main() {
  const { apiKey, apiSecret, url, tokenRequests, close } = await startFakeTT({ latencyMs: 300 });
  const tokenFile = `${process.env.TT_TOKEN_FILE}.threads`;
  const names = { appName: 'Matrix', companyName: 'Threads' };
  const options = { apiKey, apiSecret, baseUrl: url, tokenFile, ...names };
  const workers = [1, 2, 3].map(() => new Worker(program, { workerData: options }));
  const answers = workers.map((worker) => once(worker, 'message').then(([token]) => token));
  const tokens = await Promise.all([tokenOf(options), ...answers]);
  await Promise.all(workers.map((worker) => worker.terminate()));
  await close();
  assert.equal(tokenRequests.length, 1);
  assert.deepEqual([...new Set(tokens)], [tokenRequests[0].accessToken]);
}

if (isMainThread) await main();
else parentPort.postMessage(await tokenOf(workerData));
