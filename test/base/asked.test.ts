import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { askedFor } from '../../src/base/asked.js';

const limitMs = 1_000;
const keptMs = 5_000;
const never = new AbortController().signal;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('askedFor', () => {
  it('asks one question at a time, which all join', async () => {
    const ask = vi.fn(() => new Promise<string>((resolve) => setTimeout(resolve, 100, 'key')));
    const asked = askedFor(limitMs, never, ask);
    const answers = Promise.all([asked(0), asked(0), asked(keptMs)]);
    await vi.advanceTimersByTimeAsync(100);
    expect(await answers).toEqual(['key', 'key', 'key']);
    expect(ask).toHaveBeenCalledTimes(1);
  });

  it('keeps an answer as long as each caller allows', async () => {
    let answers = 0;
    const asked = askedFor(limitMs, never, () => Promise.resolve(++answers));
    expect(await asked(keptMs)).toBe(1);
    await vi.advanceTimersByTimeAsync(keptMs - 1);
    expect(await asked(keptMs)).toBe(1);
    expect(await asked(100)).toBe(2);
    await vi.advanceTimersByTimeAsync(keptMs);
    expect(await asked(keptMs)).toBe(3);
    expect(await asked(0)).toBe(4);
  });

  it('keeps a failure as it keeps an answer', async () => {
    const ask = vi.fn(() => Promise.reject(new Error('sealed vault')));
    const asked = askedFor(limitMs, never, ask);
    await expect(asked(keptMs)).rejects.toThrow('sealed vault');
    await expect(asked(keptMs)).rejects.toThrow('sealed vault');
    expect(ask).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(keptMs);
    await expect(asked(keptMs)).rejects.toThrow('sealed vault');
    expect(ask).toHaveBeenCalledTimes(2);
  });

  it('gives up a question that hangs, and asks anew afterwards', async () => {
    const answers = [new Promise<string>(() => undefined), Promise.resolve('awake')];
    const asked = askedFor(limitMs, never, () => answers.shift() ?? Promise.resolve('more'));
    const hung = expect(asked(0)).rejects.toThrow();
    await vi.advanceTimersByTimeAsync(limitMs);
    await hung;
    expect(await asked(0)).toBe('awake');
  });

  it('ends with the reason of its signal', async () => {
    const closing = new AbortController();
    const asked = askedFor(limitMs, closing.signal, () => new Promise<string>(() => undefined));
    const ended = expect(asked(0)).rejects.toThrow('no longer needed');
    closing.abort(new Error('no longer needed'));
    await ended;
  });
});
