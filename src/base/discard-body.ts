/** A body as WHATWG streams, Node streams and their imitations have it. */
interface Disposable {
  readonly locked?: unknown;
  readonly cancel?: unknown;
  readonly destroy?: unknown;
  readonly on?: unknown;
}

/**
 * Gives up the body of a response that nobody reads. It does not wait: `cancel()` of a body that somebody has
 * cloned resolves only when the clone is given up too. It never throws, whatever the body is.
 */
export function discardBody(response: { readonly body?: unknown }): void {
  try {
    const body = response.body as Disposable | null | undefined;
    if (typeof body?.cancel === 'function') {
      if (body.locked !== true) ignoreFailure(Reflect.apply(body.cancel, body, []));
    } else if (typeof body?.destroy === 'function') {
      // A Node stream that is destroyed half-way may report it, and an error that nobody hears ends the process.
      if (typeof body.on === 'function') Reflect.apply(body.on, body, ['error', () => undefined]);
      ignoreFailure(Reflect.apply(body.destroy, body, []));
    }
  } catch {
    // A body that cannot be given up is left to the garbage collector.
  }
}

function ignoreFailure(result: unknown): void {
  Promise.resolve(result).catch(() => undefined);
}
