import { TimeoutError, withTimeout } from '../../base/abort.js';

/** The default of ky. */
const defaultMs = 10_000;

/** Runs a task under a timeout of ky, which fails as ky's own does; `false` is none. */
export async function withinTimeout<Result>(
  timeout: unknown,
  request: Request,
  signal: AbortSignal | undefined,
  task: (signal: AbortSignal | undefined) => Promise<Result>,
): Promise<Result> {
  if (timeout === false) return task(signal);
  const limitMs = typeof timeout === 'number' ? timeout : defaultMs;
  try {
    return await withTimeout(limitMs, signal ?? new AbortController().signal, task);
  } catch (error) {
    throw error instanceof TimeoutError ? timedOut(request) : error;
  }
}

function timedOut(request: Request): Error {
  const { method, url } = request;
  const error = new Error(`Request timed out: ${method} ${url}`);
  error.name = 'TimeoutError';
  // Out of sight, as it shows the token.
  return Object.defineProperty(error, 'request', { value: request });
}
