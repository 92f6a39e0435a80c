import { SpanStatusCode, type Attributes, type TracerProvider } from '@opentelemetry/api';
import { expect, it } from 'vitest';
import { observeTokenManager } from '../../../src/adapters/opentelemetry/index.js';
import { expectNoSecrets } from '../../helpers/expect-no-secrets.js';
import { setUp } from '../setup.js';
import { refresh } from './setup.js';

interface Seen {
  readonly name: string;
  readonly attributes?: Attributes;
  readonly root?: boolean;
  readonly startTime: number;
  endTime?: number;
  status?: number;
}

/** A provider that notes the spans of its tracers. */
function startTracing(): { tracerProvider: TracerProvider; spans: Seen[] } {
  const spans: Seen[] = [];
  const startSpan = (name: string, options: Omit<Seen, 'name'>): object => {
    const span: Seen = { name, ...options };
    spans.push(span);
    return {
      setStatus: ({ code }: { code: number }) => (span.status = code),
      end: (time: number) => (span.endTime = time),
    };
  };
  const tracerProvider = { getTracer: () => ({ startSpan }) } as unknown as TracerProvider;
  return { tracerProvider, spans };
}

it('each token request is a span of its own, with reason and outcome, and no secret', async () => {
  const { tt, manager } = await setUp();
  const { tracerProvider, spans } = startTracing();
  const stop = observeTokenManager(manager, { tracerProvider });
  tt.configure({ latencyMs: 30 });
  const { accessToken } = await manager.getToken();
  tt.failNextTokenRequests({ status: 403 });
  await expect(manager.getToken({ forceRefresh: true })).rejects.toThrow();
  expect(spans.map(({ name, attributes }) => [name, attributes])).toEqual([
    ['tt_token_manager.refresh', refresh('missing')],
    ['tt_token_manager.refresh', refresh('forced', 'CREDENTIALS_REJECTED')],
  ]);
  expect(spans.map(({ status, root }) => [status, root])).toEqual([
    [undefined, true],
    [SpanStatusCode.ERROR, true],
  ]);
  for (const { startTime, endTime = 0 } of spans) expect(endTime - startTime).toBeGreaterThan(25);
  expectNoSecrets({ accessToken, apiKey: tt.apiKey, apiSecret: tt.apiSecret }, spans);
  stop();
  await manager.getToken({ forceRefresh: true }).catch(() => undefined);
  expect(spans).toHaveLength(2);
});

it('there is none without a provider, and what is no provider is a TypeError', async () => {
  const { manager } = await setUp();
  observeTokenManager(manager);
  await manager.getToken();
  expect(() => observeTokenManager(manager, { tracerProvider: {} as never })).toThrow(
    'tracerProvider must be a tracer provider: it has no method getTracer',
  );
});
