const longestMs = 86_400_000;
/** One value of a Retry-After: proxies join several by commas, and a date has one of its own. */
const eachValue = /\s*[A-Za-z]{3,9},? [^,]*\d\d:\d\d[^,]*|[^,]+/g;

/**
 * Returns the milliseconds that a Retry-After asks to wait, a day at the most; undefined for none. Of several values
 * the longest counts. One that is a date counts from the reply's own `Date`: the clocks may differ.
 */
export function readRetryAfter(header: string | null, date: string | null): number | undefined {
  const sentAt = dateOf(date ?? '');
  const from = Number.isNaN(sentAt) ? Date.now() : sentAt;
  const waitsMs = Array.from(header?.match(eachValue) ?? [], (value) => {
    const at = dateOf(value);
    return Number.isNaN(at) ? seconds(value) * 1_000 : at - from;
  });
  const waitMs = Math.max(0, ...waitsMs.filter((one) => one > 0));
  return waitMs > 0 ? Math.min(waitMs, longestMs) : undefined;
}

/** Returns the instant of an HTTP date, epoch ms; NaN for anything else. */
function dateOf(value: string): number {
  const text = value.trim();
  // Date.parse accepts nearly anything, '-3600' included; an HTTP date starts with its weekday.
  if (!/^[A-Za-z]{3,9},? .*\d\d:\d\d/.test(text)) return NaN;
  // HTTP dates are in GMT, also in the form that does not name it.
  return Date.parse(/\d\d:\d\d(:\d\d)?( \d{4})?$/.test(text) ? `${text} GMT` : text);
}

/** Returns a number or a numeric string as a number; NaN for anything else. */
export function seconds(value: unknown): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) : NaN;
}
