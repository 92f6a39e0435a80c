import { expect, it, vi } from 'vitest';
import { eventNames } from '../../src/manager/events.js';
import { memoryStore, type TokenStore } from '../../src/index.js';
import { firstOf } from '../helpers/full.js';
import { heldFetch } from '../helpers/held-fetch.js';
import { at, pass, second, settle, start, startAll, useFakeClock } from './setup.js';

useFakeClock();

it('leaves as much behind after the thousandth refresh as after the first', async () => {
  const subject = start();
  const left = () => ({
    timers: vi.getTimerCount(),
    listeners: process.eventNames().map((name) => process.listenerCount(name)),
  });
  let first: ReturnType<typeof left> | undefined;
  for (let refresh = 0; refresh < 1_000; refresh++) {
    const call = subject.manager.getToken({ forceRefresh: true });
    await settle();
    at(subject.requests, refresh).grant(`token-${refresh}`);
    await call;
    first ??= left();
  }
  expect(left()).toEqual(first);
  expect(subject.events.map(({ name }) => name)).toEqual(Array(1_000).fill(eventNames[0]));
});

it.each(firstOf(1, [16, 64]))(
  '%i managers whose lock somebody keeps send few requests',
  async (count) => {
    const inner = memoryStore();
    const acquire = () => Promise.resolve(undefined);
    const store: TokenStore = { open: (identity) => ({ ...inner.open(identity), acquire }) };
    const { fetch, requests } = heldFetch();
    const managers = startAll(count, { store, fetch }).managers;
    const random = Array.from({ length: count }, (_, index) => index / count);
    vi.mocked(Math.random).mockImplementation(() => random.pop() ?? 0.5);
    const calls = managers.map(({ manager }) => manager.getToken());
    await pass(29 * second);
    expect(requests).toHaveLength(0);
    while (requests.length === 0) await pass(second / 10);
    for (const [index, request] of requests.entries()) request.grant(`token-${index}`);
    await pass(second);
    const tokens = await Promise.all(calls);
    expect(new Set(tokens.map(({ accessToken }) => accessToken)).size).toBeLessThanOrEqual(3);
    expect(requests.length).toBeLessThanOrEqual(3);
  },
  60_000,
);
