// An encrypted token file, whose key a KMS gives; here a mounted secret of 32 bytes in hex or base64 stands for it.
//   TT_API_KEY=... TT_API_SECRET=... TT_APP_NAME='My App' TT_COMPANY_NAME='Acme Co' TT_TOKEN_FILE=token.json \
//   KEY_FILE=key.txt npx tsx examples/encrypted-file.ts        (a key: openssl rand -base64 32 > key.txt)
// A key that simply stands in TT_TOKEN_FILE_KEY needs none of this: optionsFromEnv() takes it from there.
import { readFile } from 'node:fs/promises';
import { createTokenManager, isTokenError, optionsFromEnv } from 'tt-token-manager';

const { KEY_FILE = '/run/secrets/tt-token-file-key' } = process.env;

/** Asked when the file is read or written, and not while the token in memory is fresh. */
async function readKey(): Promise<string> {
  return readFile(KEY_FILE, 'utf8');
}

try {
  await using manager = createTokenManager({ ...optionsFromEnv(), encryptionKey: readKey });
  // A plain file, another key or a KMS that is down: the token then comes from TT, and this says why.
  manager.on('storeFailed', ({ operation, message }) => console.warn(`${operation}: ${message}`));

  const { expiresAt } = await manager.getToken();
  console.log(`token valid until ${new Date(expiresAt).toISOString()}`);
} catch (error) {
  console.error(`encrypted-file: ${error instanceof Error ? error.message : 'failed'}`);
  process.exitCode = isTokenError(error) ? 1 : 2;
}
