import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { readRetryAfter } from '../../src/tt/retry-after.js';

const sentAt = 1_700_000_000_000;

beforeEach(() => void vi.useFakeTimers({ now: sentAt + 500 }));
afterEach(() => void vi.useRealTimers());

describe('a Retry-After', () => {
  it.each([
    'Tue, 14 Nov 2023 22:14:20 GMT',
    'Tuesday, 14-Nov-23 22:14:20 GMT',
    'Tue Nov 14 22:14:20 2023',
    'Tue, 14 Nov 2023 22:14:20',
    'Wed, 15 Nov 2023 00:14:20 +0200',
  ])('reads the date %s alike in every time zone', (header) => {
    onTestFinished(() => void vi.unstubAllEnvs());
    for (const zone of ['America/New_York', 'UTC', 'Asia/Tokyo']) {
      vi.stubEnv('TZ', zone);
      expect(new Date(0).getHours()).toBe({ UTC: 0, 'Asia/Tokyo': 9 }[zone] ?? 19);
      expect(readRetryAfter(header, null)).toBe(59_500);
    }
  });

  it.each([
    ['1', 1_000],
    [' 120 ', 120_000],
    ['86400', 86_400_000],
    ['86401', 86_400_000],
    ['9'.repeat(400), 86_400_000],
    [new Date(sentAt + 60_000).toUTCString(), 59_500],
    ['0.25', 250],
    ['1.125', 1_125],
    ['Tue, 14 Nov 2023 22:15', 99_500],
    ['Fri, 01 Jan 2100 00:00:00 GMT', 86_400_000],
  ])('reads %s as %i ms', (header, waitMs) => {
    expect(readRetryAfter(header, null)).toBe(waitMs);
  });

  it.each([
    null,
    '',
    ' ',
    '0',
    '-1',
    'soon',
    '30s',
    '1e3',
    'NaN',
    'Infinity',
    'in 2100-01-01 00:00',
    '<b>Fri, 01 Jan 2100 00:00:00 GMT',
    new Date(sentAt - 60_000).toUTCString(),
    'Thu, 01 Jan 1970 00:00:00 GMT',
  ])('reads nothing from %j', (header) => {
    expect(readRetryAfter(header, null)).toBeUndefined();
  });

  it.each([
    ['30, 60', 60_000],
    ['60,30', 60_000],
    ['0, 5', 5_000],
    ['soon, 5,', 5_000],
    ['7, Tue, 14 Nov 2023 22:14:20 GMT', 59_500],
    ['Tue, 14 Nov 2023 22:14:20 GMT, 90', 90_000],
    ['Tue, 14 Nov 2023 22:14:20 GMT,Tuesday, 14-Nov-23 22:15:20 GMT', 119_500],
    ['Tue Nov 14 22:14:20 2023, 1', 59_500],
  ])('of several values is the longest: %s', (header, waitMs) => {
    expect(readRetryAfter(header, null)).toBe(waitMs);
  });

  it.each([-7_200_000, -90_000, 0, 45_000, 86_400_000])(
    'that is a date counts from the clock of who sent it, %i ms off ours',
    (offMs) => {
      const clock = sentAt + offMs;
      const until = new Date(clock + 12_000).toUTCString();
      expect(readRetryAfter(until, new Date(clock).toUTCString())).toBe(12_000);
      expect(readRetryAfter(`3, ${until}`, new Date(clock).toUTCString())).toBe(12_000);
      expect(readRetryAfter('3', new Date(clock).toUTCString())).toBe(3_000);
    },
  );

  it.each([null, '', 'now', '12', '2023-11-14T22:13:20Z'])(
    'that is a date counts from our clock where the reply has the Date %j',
    (date) => {
      expect(readRetryAfter(new Date(sentAt + 60_000).toUTCString(), date)).toBe(59_500);
    },
  );

  it('that ends before the reply was sent asks for nothing', () => {
    const date = new Date(sentAt + 3_600_000).toUTCString();
    expect(readRetryAfter(new Date(sentAt + 60_000).toUTCString(), date)).toBeUndefined();
  });
});
