import type { MeterProvider, TracerProvider } from '@opentelemetry/api';
import { describe, expectTypeOf, it } from 'vitest';
import type { TokenManager } from 'tt-token-manager';
import { observeTokenManager } from 'tt-token-manager/opentelemetry';

describe('observeTokenManager', () => {
  it('takes a manager and maybe providers, and gives the way back', () => {
    expectTypeOf(observeTokenManager).toEqualTypeOf<
      (
        manager: TokenManager,
        options?: {
          readonly meterProvider?: MeterProvider | undefined;
          readonly tracerProvider?: TracerProvider | undefined;
        },
      ) => () => void
    >();
  });
});
