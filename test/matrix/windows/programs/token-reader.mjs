// Reads the token's file again and again, in one go as most languages do, and once more when it is told that the last
// token is there.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const file = process.env.MATRIX_BEARER;
const seen = new Set();
for (let isLast = false; !isLast;) {
  isLast = existsSync(`${file}.last`);
  await delay(1);
  // Before keep has written it.
  if (seen.size === 0 && !existsSync(file)) continue;
  const text = readFileSync(file, 'utf8');
  assert.match(text, /^\S+\n?$/);
  seen.add(text.trim());
}
console.log(JSON.stringify([...seen]));
