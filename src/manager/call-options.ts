/** Options of a call, as plain JavaScript may give them. */
interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Returns what is wrong with the options of a call; undefined where nothing is. */
export function wrongOptions(options: CallOptions): TypeError | undefined {
  const given: unknown = options;
  if (typeof given !== 'object' || given === null)
    return new TypeError('options must be an object');
  const { signal } = options;
  if (signal === undefined) return undefined;
  // Not instanceof: polyfills and other realms have classes of their own.
  const isSignal = typeof (signal as Partial<AbortSignal> | null)?.addEventListener === 'function';
  return isSignal ? undefined : new TypeError('signal must be an AbortSignal');
}
