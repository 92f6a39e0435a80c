import fc from 'fast-check';

const dayMs = 86_400_000;
const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** An instant in the three forms of a date in HTTP (RFC 9110, 5.6.7). */
export function httpDates(instant: number): readonly string[] {
  const date = new Date(instant);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = days[date.getUTCDay()] as string;
  const month = months[date.getUTCMonth()] as string;
  const dayOfMonth = date.getUTCDate();
  const year = date.getUTCFullYear();
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(':');
  return [
    `${day.slice(0, 3)}, ${two(dayOfMonth)} ${month} ${year} ${time} GMT`,
    `${day}, ${two(dayOfMonth)}-${month}-${two(year % 100)} ${time} GMT`,
    `${day.slice(0, 3)} ${month} ${String(dayOfMonth).padStart(2)} ${time} ${year}`,
  ];
}

/** Instants on both sides of the present one. */
export function instantsAround(now: number): fc.Arbitrary<number> {
  return fc.oneof(
    fc.integer({ min: now - 2_000, max: now + 2_000 }),
    fc.integer({ min: now - 20 * 365 * dayMs, max: now + 20 * 365 * dayMs }),
    fc.constantFrom(now + dayMs, now + dayMs + 1_000),
  );
}

/** What may stand in a Retry-After, and what may not. */
export function retryAfterText(now: number): fc.Arbitrary<string | null> {
  return fc.oneof(
    fc.constantFrom(null, '0', '1', '120', ' 30 ', '-1', '-3600', '+5', '1e3', '30s', '30, 60'),
    fc.constantFrom('86400', '86401', '9'.repeat(400), 'NaN', 'Infinity', 'soon', '0.5', '\u0661'),
    instantsAround(now).chain((at) =>
      fc.constantFrom(...httpDates(at), new Date(at).toISOString(), new Date(at).toString()),
    ),
    fc.string({ unit: 'binary' }),
    fc.integer().map(String),
  );
}
