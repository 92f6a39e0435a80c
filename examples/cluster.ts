// A cluster whose workers share one token file, and so one token request.
//   TT_API_KEY=... TT_API_SECRET=... TT_APP_NAME='My App' TT_COMPANY_NAME='Acme Co' npx tsx examples/cluster.ts
import cluster from 'node:cluster';
import { createTokenManager, optionsFromEnv } from 'tt-token-manager';

const workers = 4;
const callersEach = 25;
const name = cluster.isPrimary ? 'cluster' : `worker ${String(cluster.worker?.id)}`;

async function work(): Promise<void> {
  // Nothing special about a worker: each has a manager of its own, and all have the same token file.
  const manager = createTokenManager(optionsFromEnv());
  manager.on('refreshed', () => console.log(`${name} fetched the token`));
  manager.on('adopted', () => console.log(`${name} found the token in the file`));

  const callers = Array.from({ length: callersEach }, () => manager.getToken());
  const tokens = new Set((await Promise.all(callers)).map(({ accessToken }) => accessToken));
  console.log(`${name} served ${callersEach} callers with ${tokens.size} token`);
}

try {
  if (cluster.isWorker) await work();
  else {
    optionsFromEnv(); // a missing variable is said once, here
    for (let count = 0; count < workers; count++) cluster.fork();
    cluster.on('exit', (_worker, code) => (process.exitCode = code === 0 ? process.exitCode : 1));
  }
} catch (error) {
  console.error(`${name}: ${error instanceof Error ? error.message : 'failed'}`);
  process.exitCode = cluster.isWorker ? 1 : 2;
}
cluster.worker?.disconnect(); // the manager itself keeps no process alive
