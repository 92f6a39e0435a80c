import { AsyncLocalStorage, createHook } from 'node:async_hooks';
import { expect, it, vi } from 'vitest';
import { askedFor } from '../../src/base/asked.js';
import { outside } from '../../src/base/outside.js';
import { singleFlight } from '../../src/base/single-flight.js';

const render = new AsyncLocalStorage<string>();

/** What a task sees of the render, at once and after a turn of the event loop. */
async function seen(): Promise<unknown[]> {
  const first = render.getStore();
  await new Promise((resolve) => void setImmediate(resolve));
  return [first, render.getStore()];
}

it('runs a task in no context of its caller’s, to its end', async () => {
  const inside = await render.run('page', async () => [await outside(seen), await seen()]);
  expect(inside).toEqual([
    [undefined, undefined],
    ['page', 'page'],
  ]);
});

it('runs so what callers share, and what is asked of a vault', async () => {
  const shared = await render.run('page', () => singleFlight<unknown[]>().run(seen));
  const asked = await render.run('page', () =>
    askedFor(1_000, new AbortController().signal, seen)(0),
  );
  expect([shared, asked].flat()).toEqual(Array(4).fill(undefined));
});

it('gives the result of a task, or what it throws', () => {
  expect(outside(() => 'a result')).toBe('a result');
  expect(() =>
    outside(() => {
      throw new Error('no');
    }),
  ).toThrow('no');
});

it('is no open handle from the moment that it is loaded', async () => {
  const alive = new Set<number>();
  const made: number[] = [];
  const hook = createHook({
    init(id, type) {
      if (type !== 'tt-token-manager') return;
      made.push(id);
      alive.add(id);
    },
    destroy(id) {
      alive.delete(id);
    },
  }).enable();
  vi.resetModules();
  const again = await import('../../src/base/outside.js');
  expect(again.outside).not.toBe(outside);
  expect(made).toHaveLength(1);
  // Node calls destroy hooks in a later turn, on a busy machine after the next timer.
  await expect.poll(() => again.outside(() => alive.size)).toBe(0);
  hook.disable();
});
