import { expect, it, vi } from 'vitest';
import { createStoreLimit } from '../../src/manager/store-limit.js';
import { follow, pass, second, settle, useFakeClock } from './setup.js';

useFakeClock();

it('is overdue for as long as the last of two that hang', async () => {
  const limit = createStoreLimit();
  const onLate = vi.fn();
  let failFirst = (): void => undefined;
  let answerSecond = (): void => undefined;
  const first = follow(
    limit(
      () => new Promise<never>((_, reject) => (failFirst = () => reject(new Error('too late')))),
      onLate,
    ),
  );
  await pass(35 * second);
  const another = follow(
    limit(() => new Promise<string>((resolve) => (answerSecond = () => resolve('late'))), onLate),
  );
  await pass(5 * second);
  expect([first().state, another().state]).toEqual(['rejected', 'rejected']);

  failFirst();
  await settle();
  await expect(limit(() => Promise.resolve('asked'), onLate)).rejects.toThrow('not answered yet');
  expect(onLate).not.toHaveBeenCalled();

  answerSecond();
  await settle();
  expect(await limit(() => Promise.resolve('asked'), onLate)).toBe('asked');
  expect(onLate.mock.calls).toEqual([['late']]);
});
