/*
 * Thrown values may be anything: proxies, errors of another realm, objects whose getters throw.
 */

const mostCauses = 8;

/** Returns a property of anything; undefined where it has none, or cannot be read. */
export function read(value: unknown, key: string | number): unknown {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null)
    return undefined;
  try {
    return (value as Record<string | number, unknown>)[key];
  } catch {
    return undefined;
  }
}

/** Returns a thrown value and what it names as its causes, outermost first. */
export function causesOf(thrown: unknown): readonly unknown[] {
  const seen = new Set<unknown>([thrown]);
  for (const one of seen) {
    for (const inner of innerOf(one)) if (seen.size < mostCauses) seen.add(inner);
  }
  return Array.from(seen);
}

/** Returns what a thrown value names as its causes. */
export function innerOf(thrown: unknown): readonly unknown[] {
  const cause = read(thrown, 'cause');
  const errors = read(thrown, 'errors');
  // Happy eyeballs gives an AggregateError with one error for each address.
  const several = [0, 1, 2].map((index) => read(errors, index));
  return [cause, ...several].filter((one) => one !== undefined && one !== null);
}

/**
 * Returns whether a thrown value is a signal to a framework, such as Next.js: it has a `digest`, and means something
 * to the framework only as it is.
 */
export function isFrameworkSignal(thrown: unknown): boolean {
  return causesOf(thrown).some((one) => typeof read(one, 'digest') === 'string');
}
