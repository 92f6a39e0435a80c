import * as opentelemetry from '@opentelemetry/api';
import type {
  Attributes,
  Meter,
  MeterProvider,
  ObservableResult,
  TracerProvider,
} from '@opentelemetry/api';
import { knownNames } from '../../base/checks.js';
import type { RefreshReason } from '../../manager/events.js';
import type { TokenManager } from '../../manager/token-manager.js';
import { createInstruments } from './instruments.js';
import { tracerFrom } from './spans.js';

/** Options of {@link observeTokenManager}. */
export interface ObserveOptions {
  /**
   * Makes the meter of the metrics.
   * @default the global one of `@opentelemetry/api`, which must be registered before
   */
  readonly meterProvider?: MeterProvider | undefined;
  /**
   * Makes the tracer of the spans.
   * @default the global one of `@opentelemetry/api`; without one there are no spans
   */
  readonly tracerProvider?: TracerProvider | undefined;
}

/**
 * Reports the health of a manager as OpenTelemetry metrics and spans, until the returned function is called.
 *
 * | metric | kind, unit | attributes |
 * | --- | --- | --- |
 * | `tt_token_manager.refreshes` | counter, `{refresh}` | reason, outcome, `error.type` |
 * | `tt_token_manager.refresh.duration` | histogram, `s` | reason, outcome, `error.type` |
 * | `tt_token_manager.token.time_until_expiry` | observable gauge, `s` | |
 * | `tt_token_manager.token.refusals` | counter, `{refusal}` | `tt_token_manager.token.will_refresh` |
 * | `tt_token_manager.store.failures` | counter, `{failure}` | `tt_token_manager.store.operation` |
 * | `tt_token_manager.lock.takeovers` | counter, `{takeover}` | `tt_token_manager.lock.owner_state` |
 *
 * A span `tt_token_manager.refresh`, of no other one, stands for each attempt to fetch a token: from the token request
 * to its answer, retries included. It has the attributes of `tt_token_manager.refreshes`, and no secret.
 *
 * Reason and outcome (`success`, `failure`) are `tt_token_manager.refresh.reason` and
 * `tt_token_manager.refresh.outcome`; `error.type` is the code of the TokenError of a failure. A failure to read
 * `apiSecret` has no duration. The expiry is asked of memory and store at each collection; where there is no token,
 * or the manager is closed, nothing is reported. Values are those of this process: other processes that share the
 * token report their own. Two managers on one provider share the metrics; the expiry is then that of either.
 * @returns a function that ends the reports; calling it again does nothing
 * @throws TypeError for a wrong argument or an option of an unknown name, and where the default is needed and
 * `@opentelemetry/api` is older than 1.3
 * @example
 * ```ts
 * const stop = observeTokenManager(manager, { meterProvider });
 * // later, before manager.close()
 * stop();
 * ```
 */
export function observeTokenManager(
  manager: TokenManager,
  options: ObserveOptions = {},
): () => void {
  checkManager(manager);
  const meter = meterFrom(options);
  const trace = tracerFrom(options.tracerProvider);
  const { refreshes, duration, timeUntilExpiry, refusals, failures, takeovers } =
    createInstruments(meter);

  function countRefresh(attributes: Attributes, durationMs: number | undefined): void {
    refreshes.add(1, attributes);
    if (durationMs === undefined) return;
    duration.record(durationMs / 1_000, attributes);
    trace(attributes, durationMs);
  }

  async function observeExpiry(result: ObservableResult): Promise<void> {
    try {
      const { secondsUntilExpiry } = await manager.status();
      if (secondsUntilExpiry !== undefined) result.observe(secondsUntilExpiry);
    } catch {
      // A closed manager has no expiry.
    }
  }

  const unsubscribes = [
    manager.on('refreshed', ({ reason, durationMs }) =>
      countRefresh(refreshAttributes(reason, 'success'), durationMs),
    ),
    manager.on('refreshFailed', ({ reason, code, durationMs }) =>
      countRefresh({ ...refreshAttributes(reason, 'failure'), 'error.type': code }, durationMs),
    ),
    manager.on('rejected', ({ willRefresh }) =>
      refusals.add(1, { 'tt_token_manager.token.will_refresh': willRefresh }),
    ),
    manager.on('storeFailed', ({ operation }) =>
      failures.add(1, { 'tt_token_manager.store.operation': operation }),
    ),
    manager.on('lockTakenOver', ({ ownerState }) =>
      takeovers.add(1, { 'tt_token_manager.lock.owner_state': ownerState }),
    ),
  ];
  timeUntilExpiry.addCallback(observeExpiry);

  return () => {
    for (const unsubscribe of unsubscribes) unsubscribe();
    timeUntilExpiry.removeCallback(observeExpiry);
  };
}

function refreshAttributes(reason: RefreshReason, outcome: 'success' | 'failure'): Attributes {
  return { 'tt_token_manager.refresh.reason': reason, 'tt_token_manager.refresh.outcome': outcome };
}

function checkManager(manager: unknown): void {
  const { on, status } = (manager ?? {}) as Partial<TokenManager>;
  if (typeof on !== 'function' || typeof status !== 'function')
    throw new TypeError('manager must be a token manager');
}

function meterFrom(options: ObserveOptions): Meter {
  if (typeof (options as unknown) !== 'object' || (options as unknown) === null)
    throw new TypeError('options must be an object');
  knownNames(options, ['meterProvider', 'tracerProvider']);
  const { meterProvider = globalProvider() } = options;
  if (typeof (meterProvider as Partial<MeterProvider> | null)?.getMeter !== 'function')
    throw new TypeError('meterProvider must be a meter provider: it has no method getMeter');
  return meterProvider.getMeter('tt-token-manager');
}

function globalProvider(): MeterProvider {
  const { metrics } = opentelemetry as Partial<typeof opentelemetry>;
  if (!metrics)
    throw new TypeError(
      'observeTokenManager needs @opentelemetry/api 1.3 or newer, or a meterProvider',
    );
  return metrics.getMeterProvider();
}
