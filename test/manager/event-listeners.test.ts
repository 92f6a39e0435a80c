import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { describe, expect, it, vi } from 'vitest';
import { createEvents, type TokenManagerEvents } from '../../src/manager/events.js';

const examples: TokenManagerEvents = {
  refreshed: { reason: 'missing', obtainedAt: 1, expiresAt: 2, durationMs: 3 },
  adopted: { obtainedAt: 1, expiresAt: 2 },
  refreshFailed: { reason: 'ageing', code: 'TOKEN_RATE_LIMITED', message: 'wait', retryAt: 3 },
  rejected: { obtainedAt: 1, expiresAt: 2, willRefresh: true },
  storeFailed: { operation: 'write', message: 'full' },
  lockTakenOver: { ownerState: 'dead' },
};
const names = Object.keys(examples) as (keyof TokenManagerEvents)[];

const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe('an event', () => {
  it.each(names)('%s reaches listeners and diagnostics channel as one frozen object', (name) => {
    const events = createEvents();
    const received: unknown[] = [];
    const listener = (event: unknown): void => void received.push(event);
    const channelName = `tt-token-manager:${name}`;
    subscribe(channelName, listener);
    for (const other of names) events.on(other, listener);
    events.emit(name, { ...examples[name] });
    unsubscribe(channelName, listener);
    expect(received).toEqual([examples[name], examples[name]]);
    expect(received[0]).toBe(received[1]);
    expect(Object.isFrozen(received[0])).toBe(true);
  });

  it('without a listener goes nowhere', () => {
    expect(() => createEvents().emit('adopted', { ...examples.adopted })).not.toThrow();
  });

  it('reaches the listeners of its own manager only', () => {
    const listener = vi.fn();
    createEvents().on('adopted', listener);
    createEvents().emit('adopted', { ...examples.adopted });
    expect(listener).not.toHaveBeenCalled();
  });
});

describe('a listener', () => {
  it('hears nothing more once it is unsubscribed, however often that is done', () => {
    const events = createEvents();
    const [gone, stays] = [vi.fn(), vi.fn()];
    const off = events.on('adopted', gone);
    events.on('adopted', stays);
    off();
    off();
    events.emit('adopted', { ...examples.adopted });
    expect(gone).not.toHaveBeenCalled();
    expect(stays).toHaveBeenCalledTimes(1);
  });

  it('that is added twice is called twice, and each subscription ends by itself', () => {
    const events = createEvents();
    const listener = vi.fn();
    const off = events.on('adopted', listener);
    events.on('adopted', listener);
    events.emit('adopted', { ...examples.adopted });
    expect(listener).toHaveBeenCalledTimes(2);
    off();
    events.emit('adopted', { ...examples.adopted });
    expect(listener).toHaveBeenCalledTimes(3);
  });

  it('may unsubscribe itself while it is called', () => {
    const events = createEvents();
    const [once, after] = [vi.fn(() => off()), vi.fn()];
    const off = events.on('adopted', once);
    events.on('adopted', after);
    events.emit('adopted', { ...examples.adopted });
    events.emit('adopted', { ...examples.adopted });
    expect([once.mock.calls.length, after.mock.calls.length]).toEqual([1, 2]);
  });

  it('that throws or rejects breaks neither the emitter nor the other listeners', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    const events = createEvents();
    const after = vi.fn();
    events.on('adopted', () => {
      throw new Error('thrown by a listener');
    });
    // eslint-disable-next-line @typescript-eslint/no-misused-promises -- what users write
    events.on('adopted', () => Promise.reject(new Error('rejected by a listener')));
    events.on('adopted', after);
    expect(() => events.emit('adopted', { ...examples.adopted })).not.toThrow();
    await nextTurn();
    process.off('unhandledRejection', unhandled);
    expect(after).toHaveBeenCalledTimes(1);
    expect(unhandled).not.toHaveBeenCalled();
  });

  it.each(['refresh', '', '__proto__', 'toString', undefined])(
    'is refused for the unknown event %s',
    (name) => {
      expect(() => createEvents().on(name as 'adopted', vi.fn())).toThrow(RangeError);
      expect(() => createEvents().on(name as 'adopted', vi.fn())).toThrow(/^event .*lockTakenOver/);
    },
  );

  it.each([[undefined], [null], ['listener'], [{}]])('%o is refused', (listener) => {
    const on = createEvents().on as (name: 'adopted', listener: unknown) => unknown;
    expect(() => on('adopted', listener)).toThrow(new TypeError('listener must be a function'));
  });
});
