import { describe, expect, it, vi } from 'vitest';
import { singleFlight } from '../../src/base/single-flight.js';

/** A task that ends when the test says so. */
function heldTask(): {
  task: () => Promise<string>;
  finish: (value: string) => void;
  fail: (error: Error) => void;
} {
  let finish!: (value: string) => void;
  let fail!: (error: Error) => void;
  const work = new Promise<string>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  return { task: vi.fn(() => work), finish, fail };
}

describe('singleFlight', () => {
  it('runs one task for all who ask while it runs', async () => {
    const flight = singleFlight<string>();
    const [first, second] = [heldTask(), heldTask()];
    const runs = [flight.run(first.task), flight.run(second.task)];
    expect(flight.current()).toBe(runs[0]);
    first.finish('landed');
    expect(await Promise.all(runs)).toEqual(['landed', 'landed']);
    expect(first.task).toHaveBeenCalledTimes(1);
    expect(second.task).not.toHaveBeenCalled();
  });

  it('runs the next task once the one before has ended, whichever way', async () => {
    const flight = singleFlight<string>();
    const failing = heldTask();
    const run = flight.run(failing.task);
    expect(flight.current()).toBe(run);
    failing.fail(new Error('crashed'));
    await expect(run).rejects.toThrow('crashed');
    expect(flight.current()).toBeUndefined();
    expect(await flight.run(() => Promise.resolve('landed'))).toBe('landed');
    expect(flight.current()).toBeUndefined();
  });

  it('tells all who share a task of its failure', async () => {
    const flight = singleFlight<string>();
    const { task, fail } = heldTask();
    const runs = [flight.run(task), flight.run(task)];
    fail(new Error('crashed'));
    const results = await Promise.allSettled(runs);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  it('raises no unhandled rejection when nobody waits', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    void singleFlight<string>().run(() => Promise.reject(new Error('crashed')));
    await new Promise((resolve) => void setImmediate(resolve));
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});
