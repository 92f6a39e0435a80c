import { expect, it, vi } from 'vitest';
import { createStoreLimit } from '../../src/manager/store-limit.js';
import { follow, pass, second, settle, useFakeClock } from './setup.js';

useFakeClock();

const never = (): Promise<never> => new Promise(() => undefined);
const ignore = (): void => undefined;
const ask = (): Promise<string> => Promise.resolve('asked');

it('lets an operation of a hung store fail at once, until the store is asked again', async () => {
  const limit = createStoreLimit();
  const hung = follow(limit.run(never, ignore));
  await pass(5 * second);
  expect(hung().error).toMatchObject({ message: 'the store did not answer within 5000 ms' });
  await expect(limit.run(ask, ignore)).rejects.toThrow('the store has not answered yet');
  limit.askAgain();
  expect(await limit.run(ask, ignore)).toBe('asked');
});

it('is over when the late answer comes, which is handed on', async () => {
  const limit = createStoreLimit();
  const onLate = vi.fn();
  let answer = ignore;
  const late = new Promise<string>((resolve) => (answer = () => resolve('late')));
  const hung = follow(limit.run(() => late, onLate));
  await pass(5 * second);
  expect(hung().state).toBe('rejected');
  answer();
  await settle();
  expect(onLate.mock.calls).toEqual([['late']]);
  expect(await limit.run(ask, ignore)).toBe('asked');
});

it('is overdue for the last of two that hang', async () => {
  const limit = createStoreLimit();
  let fail = ignore;
  const failing = new Promise<never>((_, reject) => (fail = () => reject(new Error('too late'))));
  const first = follow(limit.run(() => failing, ignore));
  await pass(5 * second);
  limit.askAgain();
  const other = follow(limit.run(never, ignore));
  await pass(5 * second);
  expect([first().state, other().state]).toEqual(['rejected', 'rejected']);
  fail();
  await settle();
  await expect(limit.run(ask, ignore)).rejects.toThrow('not answered yet');
});
