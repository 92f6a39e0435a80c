import * as opentelemetry from '@opentelemetry/api';
import type { Attributes, TracerProvider } from '@opentelemetry/api';

/**
 * Returns a function that reports a refresh which has just ended, as a span that belongs to no other one: whose
 * request it serves is left to chance.
 * @throws TypeError for what is no tracer provider
 */
export function tracerFrom(
  tracerProvider: TracerProvider = opentelemetry.trace.getTracerProvider(),
): (attributes: Attributes, durationMs: number) => void {
  if (typeof (tracerProvider as Partial<TracerProvider> | null)?.getTracer !== 'function')
    throw new TypeError('tracerProvider must be a tracer provider: it has no method getTracer');
  const tracer = tracerProvider.getTracer('tt-token-manager');
  const { SpanKind, SpanStatusCode } = opentelemetry;
  return (attributes, durationMs) => {
    const endTime = Date.now();
    const span = tracer.startSpan('tt_token_manager.refresh', {
      ...{ attributes, kind: SpanKind.CLIENT, startTime: endTime - durationMs, root: true },
    });
    if ('error.type' in attributes) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end(endTime);
  };
}
