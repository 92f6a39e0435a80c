import { causesOf, isFrameworkSignal, read } from './thrown.js';

/** An answer that a layer below has turned into an error. */
export interface ErrorAnswer {
  /** The HTTP status, 300 to 599. */
  readonly status: number;
  /** The headers; none where the error does not have them. */
  readonly headers: { get(name: string): string | null };
  /** The body, if the error has it: a stream, or what was read of one. */
  readonly body: unknown;
  /** Returns the body as a text where it is no stream. */
  text(): Promise<string>;
  /** The response, or the error that has its parts. */
  readonly response: object;
}

/** What undici says of a 401 to a body that it cannot send again, in place of giving the 401. */
const unsendableAgain = 'expected non-null body source';

/**
 * Returns the answer that an error stands for: a fetch of ky, ofetch or axios throws for a status, and its error
 * has the `response`; undici's responseError gives a cause with `statusCode` and `headers`. Undefined for any other
 * error, for a status below 300, and for a framework's own signals. It never throws.
 */
export function answerOf(error: unknown): ErrorAnswer | undefined {
  if (isFrameworkSignal(error)) return undefined;
  for (const one of causesOf(error)) {
    const answer = answerIn(one);
    if (answer) return answer;
  }
  return undefined;
}

function answerIn(error: unknown): ErrorAnswer | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if (read(error, 'message') === unsendableAgain) return answerFrom(error, 401, undefined);
  const response = read(error, 'response');
  if (typeof response !== 'object' || response === null)
    return answerFrom(
      error,
      read(error, 'statusCode') ?? read(error, 'status'),
      read(error, 'body'),
    );
  const body = read(response, 'bodyUsed') === true ? read(error, 'data') : read(response, 'body');
  const status = read(response, 'status') ?? read(response, 'statusCode');
  return answerFrom(response, status, body ?? read(response, 'data'));
}

function answerFrom(response: object, status: unknown, body: unknown): ErrorAnswer | undefined {
  if (!(Number.isInteger(status) && Number(status) >= 300 && Number(status) <= 599))
    return undefined;
  return {
    status: Number(status),
    headers: { get: (name) => header(read(response, 'headers'), name) },
    body,
    text: () => Promise.resolve(typeof body === 'string' ? body : JSON.stringify(body ?? '')),
    response,
  };
}

/** Returns a header of Headers, a Map or a plain object, whose names may be written in any case. */
function header(headers: unknown, name: string): string | null {
  const get = read(headers, 'get');
  const value: unknown =
    typeof get === 'function'
      ? Reflect.apply(get, headers, [name])
      : Object.entries(headers ?? {}).find(
          ([one]) => one.toLowerCase() === name.toLowerCase(),
        )?.[1];
  if (Array.isArray(value)) return value.join(', ');
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
}
