import { metrics } from '@opentelemetry/api';
import type { TokenManager } from 'tt-token-manager';
import { observeTokenManager, type ObserveOptions } from 'tt-token-manager/opentelemetry';

/** With options and without. */
export function observe(manager: TokenManager): () => void {
  const named: ObserveOptions = { meterProvider: metrics.getMeterProvider() };
  observeTokenManager(manager, named)();
  observeTokenManager(manager, { meterProvider: undefined })();
  // @ts-expect-error -- a meter is no meter provider
  observeTokenManager(manager, { meterProvider: metrics.getMeter('mine') });
  // @ts-expect-error -- a manager is needed
  observeTokenManager();
  return observeTokenManager(manager);
}
