/** An answer that a layer below has turned into an error. */
export interface ErrorAnswer {
  /** The HTTP status, 300 to 599. */
  readonly status: number;
  /** The headers; none where the error does not have them. */
  readonly headers: { get(name: string): string | null };
  /** The response, or what the error has in its place; its body may have been read already. */
  readonly response: object;
}

const deepestCause = 4;
/** What undici says of a 401 to a body that it cannot send again, in place of giving the 401. */
const unsendableAgain = 'expected non-null body source';

/**
 * Returns the answer that an error stands for: a fetch of ky, ofetch or axios throws for a status, and its error
 * has the `response`; undici's responseError gives a cause with `statusCode` and `headers`. Undefined for any other
 * error, and for a status below 300. It never throws.
 */
export function answerOf(error: unknown): ErrorAnswer | undefined {
  try {
    let inner = error;
    for (let depth = 0; depth <= deepestCause && isObject(inner); depth++) {
      const answer = answerIn(inner);
      if (answer) return answer;
      inner = inner.cause;
    }
  } catch {
    // What cannot be read has no answer to give.
  }
  return undefined;
}

function answerIn(error: Record<string, unknown>): ErrorAnswer | undefined {
  if (error.message === unsendableAgain) return answerFrom(error, 401);
  if (isObject(error.response)) {
    const { response } = error;
    return answerFrom(response, response.status ?? response.statusCode);
  }
  return answerFrom(error, error.statusCode ?? error.status);
}

function answerFrom(response: Record<string, unknown>, status: unknown): ErrorAnswer | undefined {
  const isAnswer = Number.isInteger(status) && Number(status) >= 300 && Number(status) <= 599;
  if (!isAnswer) return undefined;
  const { headers } = response;
  return { status: Number(status), headers: { get: (name) => header(headers, name) }, response };
}

/** Returns a header of Headers, a Map or a plain object, whose names may be written in any case. */
function header(headers: unknown, name: string): string | null {
  if (!isObject(headers)) return null;
  const { get } = headers as { get?: unknown };
  const value: unknown =
    typeof get === 'function'
      ? Reflect.apply(get, headers, [name])
      : Object.entries(headers).find(([given]) => given.toLowerCase() === name.toLowerCase())?.[1];
  if (Array.isArray(value)) return value.join(', ');
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
