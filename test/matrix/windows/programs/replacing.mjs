// One writer that replaces the file 200 times, or one of four readers of it, by the package's own store. Readers pause
// as shortly as a process that waits for another's refresh ever does: 12 ms, and twice as long as the look took.
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { fileStore } from 'tt-token-manager';
import { meet } from './meet.mjs';

const TIMES = 200;
const path = process.env.TT_TOKEN_FILE;
const identity = { environment: 'UAT', baseUrl: 'http://127.0.0.1', keyFingerprint: 'a1b2c3d4' };
const session = fileStore({ path }).open(identity);
const life = { lifeMs: 3_600_000 };
const textOf = (number) => JSON.stringify({ number, filling: 'x'.repeat(2_000), isWhole: true });
const numberOf = (text) => {
  const { number } = JSON.parse(text);
  assert.equal(text, textOf(number));
  return number;
};

async function write() {
  const lease = await session.acquire();
  const lost = [];
  for (let number = 1; number <= TIMES; number++) {
    const isWritten = await lease.write(textOf(number), life);
    if (!isWritten || numberOf(await session.read()) !== number) lost.push(number);
  }
  await lease.release();
  assert.deepEqual(lost, []);
}

async function read() {
  let last = 0;
  while (last < TIMES) {
    const startedAt = performance.now();
    const number = numberOf(await session.read());
    const lookMs = performance.now() - startedAt;
    assert.ok(number >= last, `${number} read after ${last}`);
    last = number;
    await delay(Math.max(12, 2 * lookMs));
  }
}

const isWriter = process.argv[2] === 'write';
if (isWriter) await session.write(textOf(0), life);
await meet('start');
await (isWriter ? write() : read());
