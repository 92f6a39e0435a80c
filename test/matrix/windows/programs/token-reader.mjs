// Reads the token's file again and again, as a program in another language does, and once more when it is told that
// the last token is there.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

const file = process.env.MATRIX_BEARER;
const seen = new Set();
let reads = 0;
for (let isLast = false; !isLast;) {
  isLast = existsSync(`${file}.last`);
  const text = await readFile(file, 'utf8').catch((error) => {
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
