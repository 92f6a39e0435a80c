import { expect, it } from 'vitest';
import { onProcessExit } from '../../../../src/stores/file/lock/exit-cleanup.js';

const before = process.listeners('exit');

/** What came to listen for the end of the process. */
function exitListeners(): ((code: number) => void)[] {
  return process.listeners('exit').filter((listener) => !before.includes(listener));
}

it('runs every cleanup at exit, although one throws, with one listener for all of them', () => {
  const ran: string[] = [];
  const forget = [
    onProcessExit(() => {
      ran.push('one');
      throw new Error('cannot be removed');
    }),
    onProcessExit(() => ran.push('two')),
  ];
  const [listener, ...others] = exitListeners();
  expect(others).toEqual([]);
  listener?.(0);
  expect(ran).toEqual(['one', 'two']);
  for (const end of forget) end();
});

it('forgets a cleanup when told to, and listens no longer when there is none left', () => {
  const ran: string[] = [];
  const forgetOne = onProcessExit(() => ran.push('one'));
  const forgetTwo = onProcessExit(() => ran.push('two'));
  forgetOne();
  for (const listener of exitListeners()) listener(0);
  expect(ran).toEqual(['two']);
  forgetTwo();
  forgetTwo();
  expect(exitListeners()).toEqual([]);
});
