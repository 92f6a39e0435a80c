// Four processes, each with an axios instance and a manager of its own, on one token file.
//   TT_API_KEY=... TT_API_SECRET=... TT_APP_NAME='My App' TT_COMPANY_NAME='Acme Co' npx tsx examples/multi-worker.ts
import axios from 'axios';
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createTokenManager, optionsFromEnv } from 'tt-token-manager';
import { authenticateAxios } from 'tt-token-manager/axios';

const [, , name] = process.argv;

async function work(): Promise<void> {
  const manager = createTokenManager(optionsFromEnv());
  manager.on('refreshed', () => console.log(`${name} fetched the token`));
  const client = axios.create();
  authenticateAxios(client, manager);
  const { status } = await client.get(manager.apiUrl('ttpds', 'markets'));
  console.log(`${name} GET markets ${status}`);
  await manager.close();
}

try {
  if (name !== undefined) await work();
  else {
    optionsFromEnv(); // a missing variable is said once, here
    for (const id of [1, 2, 3, 4]) {
      const worker = fork(fileURLToPath(import.meta.url), [`worker-${id}`]);
      worker.on('exit', (code) => (process.exitCode = code === 0 ? process.exitCode : 1));
    }
  }
} catch (error) {
  console.error(`${name ?? 'multi-worker'}: ${error instanceof Error ? error.message : 'failed'}`);
  process.exitCode = 1;
}
