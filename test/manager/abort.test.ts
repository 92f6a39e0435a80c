import { getEventListeners } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  at,
  errorOf,
  follow,
  getFirst,
  pass,
  second,
  settle,
  start,
  startAll,
  tokenOf,
  useFakeClock,
} from './setup.js';

useFakeClock();

const warnings: Error[] = [];
const note = (warning: Error): void => void warnings.push(warning);
afterEach(() => {
  process.off('warning', note);
  warnings.length = 0;
});

const url = 'https://ttrestapi.trade.tt/ttpds/ext_uat_cert/markets';

describe('a caller that aborts', () => {
  it('is the only one to leave, with its own reason, and the refresh goes on', async () => {
    const { manager, requests } = start();
    const abort = new AbortController();
    const others = [manager.getToken(), manager.getToken()];
    const { signal } = abort;
    const calls = [manager.getToken({ signal }), manager.authorize(url, { signal })].map(errorOf);
    await settle();
    const reason = { why: 'not interested any more' };
    abort.abort(reason);
    expect(await calls[0]).toBe(reason);
    expect(await calls[1]).toBe(reason);
    expect(at(requests, 0).init.signal?.aborted).toBe(false);
    at(requests, 0).grant('token-1');
    for (const token of await Promise.all(others)) expect(token.accessToken).toBe('token-1');
    expect(requests).toHaveLength(1);
  });

  it('leaves the token to later callers, even as the only one and the first', async () => {
    const subject = start();
    const abort = new AbortController();
    const call = errorOf(subject.manager.getToken({ signal: abort.signal }));
    await settle();
    abort.abort();
    expect(await call).toMatchObject({ name: 'AbortError' });
    at(subject.requests, 0).grant('token-1');
    await settle();
    expect(await tokenOf(subject)).toBe('token-1');
    expect(subject.requests).toHaveLength(1);
  });

  it('leaves a forced refresh to the others', async () => {
    const { manager, requests } = start();
    const abort = new AbortController();
    const forceRefresh = true;
    const leaver = errorOf(manager.getToken({ forceRefresh, signal: abort.signal }));
    const stayer = manager.getToken({ forceRefresh });
    await settle();
    abort.abort();
    expect(await leaver).toBe(abort.signal.reason);
    at(requests, 0).grant('token-1');
    expect((await stayer).accessToken).toBe('token-1');
  });

  it('leaves while another manager’s refresh is waited for', async () => {
    const { managers, requests } = startAll(2);
    const holder = at(managers, 0).manager.getToken();
    const abort = new AbortController();
    const leaver = errorOf(at(managers, 1).manager.getToken({ signal: abort.signal }));
    const stayer = follow(at(managers, 1).manager.getToken());
    await settle();
    abort.abort();
    expect(await leaver).toBe(abort.signal.reason);
    at(requests, 0).grant('token-1');
    await holder;
    await pass(second);
    expect(stayer()).toMatchObject({ value: { accessToken: 'token-1' } });
  });

  it('before it calls is rejected at once, even with a fresh token', async () => {
    const subject = start();
    const signal = AbortSignal.abort('gone');
    expect(await errorOf(subject.manager.getToken({ signal }))).toBe('gone');
    expect(subject.requests).toHaveLength(0);
    await getFirst(subject, 'token-1');
    expect(await errorOf(subject.manager.getToken({ signal }))).toBe('gone');
    expect(await errorOf(subject.manager.authorize(url, { signal }))).toBe('gone');
  });

  it('after it has its token disturbs nobody', async () => {
    const subject = start();
    const abort = new AbortController();
    const call = subject.manager.getToken({ signal: abort.signal });
    await settle();
    at(subject.requests, 0).grant('token-1');
    await call;
    abort.abort();
    await settle();
    expect(await tokenOf(subject)).toBe('token-1');
    expect(subject.events.map(({ name }) => name)).toEqual(['refreshed']);
  });
});

describe('a signal', () => {
  it('carries 50 waiting callers without a warning, and keeps no listener', async () => {
    process.on('warning', note);
    const emitWarning = vi.spyOn(process, 'emitWarning');
    const { manager, requests } = start();
    const { signal } = new AbortController();
    const calls = Array.from({ length: 50 }, () => manager.getToken({ signal }));
    await settle();
    at(requests, 0).grant('token-1');
    await Promise.all(calls);
    await settle();
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    expect(emitWarning).not.toHaveBeenCalled();
    expect(warnings).toEqual([]);
  });

  it('aborts 50 waiting callers and keeps no listener either', async () => {
    process.on('warning', note);
    const { manager } = start();
    const abort = new AbortController();
    const calls = Array.from({ length: 50 }, () =>
      errorOf(manager.getToken({ signal: abort.signal })),
    );
    await settle();
    abort.abort();
    for (const error of await Promise.all(calls)) expect(error).toBe(abort.signal.reason);
    expect(getEventListeners(abort.signal, 'abort')).toHaveLength(0);
    expect(warnings).toEqual([]);
  });

  it('gets no listener from a caller that need not wait', async () => {
    const subject = start();
    await getFirst(subject, 'token-1');
    const { signal } = new AbortController();
    const add = vi.spyOn(signal, 'addEventListener');
    await Promise.all(Array.from({ length: 50 }, () => subject.manager.getToken({ signal })));
    expect(add).not.toHaveBeenCalled();
  });
});
