import { describe, expect, it, vi } from 'vitest';
import { createElapsed } from '../../src/manager/elapsed.js';
import { hour, minute, pass, second, startOfTime, useFakeClock } from './setup.js';

useFakeClock();

describe('the time since an instant', () => {
  it('counts from an instant that is past', async () => {
    const elapsed = createElapsed();
    expect(elapsed(startOfTime - 3 * second)).toBe(3 * second);
    await pass(2 * second);
    expect(elapsed(startOfTime - 3 * second)).toBe(5 * second);
  });

  it('counts from its first sight where the instant lies ahead', async () => {
    const elapsed = createElapsed();
    expect(elapsed(startOfTime + hour)).toBe(0);
    await pass(minute);
    expect(elapsed(startOfTime + hour)).toBe(minute);
  });

  it('goes on when the date is set back', async () => {
    const elapsed = createElapsed();
    elapsed(startOfTime);
    await pass(second);
    vi.setSystemTime(startOfTime - hour);
    expect(elapsed(startOfTime)).toBe(second);
    await pass(second);
    expect(elapsed(startOfTime)).toBe(2 * second);
  });

  it('includes a time in which only the date went on, as in a suspended machine', () => {
    const elapsed = createElapsed();
    elapsed(startOfTime);
    vi.setSystemTime(startOfTime + hour);
    expect(elapsed(startOfTime)).toBe(hour);
  });

  it('starts anew with another instant', async () => {
    const elapsed = createElapsed();
    elapsed(startOfTime);
    await pass(minute);
    expect(elapsed(startOfTime + minute)).toBe(0);
  });
});
