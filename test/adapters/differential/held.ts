const requests: unknown[] = [];

/**
 * Holds a Request, and returns it. Node collects one that only a fetch knows, and with it the way from its signal:
 * no abort comes then, neither to a bare client nor to a wrapped one.
 */
export function held<Value>(request: Value): Value {
  requests.push(request);
  return request;
}
