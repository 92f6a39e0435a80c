// Reads the token's file again and again, as a program in another language does, until it has seen three tokens.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

const seen = new Set();
let reads = 0;
while (seen.size < 3) {
  const text = await readFile(process.env.MATRIX_BEARER, 'utf8').catch((error) => {
    // Before keep has written it.
    assert.deepEqual([error.code, reads], ['ENOENT', 0]);
    return undefined;
  });
  await delay(1);
  if (text === undefined) continue;
  reads += 1;
  assert.match(text, /^\S+\n?$/);
  seen.add(text.trim());
}
console.log(JSON.stringify([...seen]));
