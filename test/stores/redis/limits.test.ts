import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { RedisPort } from '../../../src/stores/redis/client.js';
import { acquireRedisLease } from '../../../src/stores/redis/lease.js';
import { limited } from '../../../src/stores/redis/limits.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface Question {
  answer(reply: number): void;
  fail(error: Error): void;
}

/** A port whose questions wait for the test to answer them. */
function heldPort(): { port: RedisPort; questions: Question[] } {
  const questions: Question[] = [];
  const ask = (): Promise<number> =>
    new Promise((answer, fail) => void questions.push({ answer, fail }));
  return { port: { get: () => ask().then(String), run: ask, subscribe: () => vi.fn() }, questions };
}

const outcome = (reply: Promise<unknown>): Promise<unknown> =>
  reply.catch((error: unknown) => (error as Error).message);
const overdue = 'Redis did not answer within 1000 ms';
const lost = new Error('connection lost');
const refused = 'Redis has not answered yet';

it('waits a second for an answer, and asks anew after 5 s without one', async () => {
  const { port, questions } = heldPort();
  const redis = limited(port);
  const first = outcome(redis.get('key'));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await first).toBe(overdue);
  await vi.advanceTimersByTimeAsync(4_999);
  expect(await outcome(redis.get('key'))).toBe(refused);
  expect(questions).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  const second = redis.get('key');
  questions[1]?.answer(7);
  expect(await second).toBe('7');
});

it('asks at once again when the answer comes after all, be it a failure', async () => {
  const { port, questions } = heldPort();
  const redis = limited(port);
  for (const end of [(late?: Question) => late?.answer(1), (late?: Question) => late?.fail(lost)]) {
    const late = outcome(redis.run('script', [], []));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await late).toBe(overdue);
    expect(await outcome(redis.get('key'))).toBe(refused);
    end(questions.at(-1));
    await vi.advanceTimersByTimeAsync(0);
    const next = redis.get('key');
    questions.at(-1)?.answer(2);
    expect(await next).toBe('2');
  }
});

it('gives back a lease that is granted late, and bears that this fails', async () => {
  const { port, questions } = heldPort();
  const run = vi.spyOn(port, 'run');
  const names = { record: 'r', lease: 'l', owner: 'o', channel: 'c' };
  const acquired = outcome(acquireRedisLease(limited(port), names, vi.fn()));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await acquired).toBe(overdue);
  questions[0]?.answer(1);
  await vi.advanceTimersByTimeAsync(0);
  expect(run.mock.calls.map(([script]) => script.split('\n')[0])).toEqual([
    '-- lease, owner; id, lease ms, remember ms',
    '-- lease, owner; id, channel',
  ]);
  expect(run.mock.calls[1]?.[2][0]).toBe(run.mock.calls[0]?.[2][0]);
  questions[1]?.fail(lost);
  await vi.advanceTimersByTimeAsync(0);
});
