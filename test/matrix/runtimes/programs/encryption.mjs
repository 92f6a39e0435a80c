// An encrypted token file: the token is not in it in clear, and a second manager reads it.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createTokenManager, optionsFromEnv } from 'tt-token-manager';

const encryptionKey = randomBytes(32);
const tokens = [];
for (const round of [1, 2]) {
  const manager = createTokenManager({ ...optionsFromEnv(), encryptionKey });
  manager.on('storeFailed', ({ message }) => assert.fail(`round ${round}: ${message}`));
  tokens.push((await manager.getToken()).accessToken);
  await manager.close();
}
assert.equal(tokens[0], tokens[1]);
const stored = await readFile(process.env.TT_TOKEN_FILE);
assert.ok(!stored.includes(tokens[0]), 'the token is in the file in clear');
