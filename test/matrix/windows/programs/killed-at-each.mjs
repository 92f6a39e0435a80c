// A process is killed at each of its file operations in turn: the next one has a token, by one request at most.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTokenManager } from 'tt-token-manager';
import { startFakeTT } from 'tt-token-manager/testing';

const killed = fileURLToPath(new URL('killed-at.mjs', import.meta.url));
const tt = await startFakeTT();
const names = { appName: 'Matrix', companyName: 'Tests' };
const given = { apiKey: tt.apiKey, apiSecret: tt.apiSecret, baseUrl: tt.url, ...names };

/** Whether a process on that file came to its end before its operation of that number. */
async function endsBefore(number, folder, tokenFile) {
  const env = {
    ...process.env,
    MATRIX_KILL_AT: String(number),
    MATRIX_FOLDER: folder,
    TT_API_KEY: tt.apiKey,
    TT_API_SECRET: tt.apiSecret,
    TT_BASE_URL: tt.url,
    TT_APP_NAME: names.appName,
    TT_COMPANY_NAME: names.companyName,
    TT_TOKEN_FILE: tokenFile,
  };
  const [code] = await once(spawn(process.execPath, [killed], { env, stdio: 'ignore' }), 'exit');
  return code === 0;
}

const wrong = [];
let number = 1;
for (let hasEnded = false; !hasEnded && number < 100; number++) {
  const folder = join(process.env.TT_TOKEN_FILE, '..', `killed-${number}`);
  await mkdir(folder);
  const tokenFile = join(folder, 'token.json');
  hasEnded = await endsBefore(number, folder, tokenFile);
  const before = tt.tokenRequests.length;
  const failures = [];
  const manager = createTokenManager({ ...given, tokenFile });
  manager.on('storeFailed', ({ operation, message }) => failures.push(`${operation} ${message}`));
  await manager.getToken();
  await manager.close();
  const requests = tt.tokenRequests.length - before;
  if (requests > 1 || failures.length > 0) wrong.push({ number, requests, failures });
}
await tt.close();
assert.deepEqual(wrong, []);
assert.ok(number > 8 && number < 100, `${number - 1} operations were seen`);
console.log(JSON.stringify({ operations: number - 2 }));
