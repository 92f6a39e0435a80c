import type { Counter, Histogram, Meter, ObservableGauge } from '@opentelemetry/api';

/** The bounds in seconds that OpenTelemetry gives for the duration of HTTP requests. */
const durationBounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** What a manager is measured with; names and units follow OpenTelemetry's semantic conventions. */
export interface Instruments {
  readonly refreshes: Counter;
  readonly duration: Histogram;
  readonly timeUntilExpiry: ObservableGauge;
  readonly refusals: Counter;
  readonly failures: Counter;
  readonly takeovers: Counter;
}

/** Creates the {@link Instruments} of one manager. */
export function createInstruments(meter: Meter): Instruments {
  return {
    refreshes: meter.createCounter('tt_token_manager.refreshes', {
      description: 'Attempts of this process to fetch a token',
      unit: '{refresh}',
    }),
    duration: meter.createHistogram('tt_token_manager.refresh.duration', {
      description: 'Time from the token request to its answer, retries included',
      unit: 's',
      advice: { explicitBucketBoundaries: durationBounds },
    }),
    timeUntilExpiry: meter.createObservableGauge('tt_token_manager.token.time_until_expiry', {
      description: 'Time until the token expires, 0 when it has',
      unit: 's',
    }),
    refusals: meter.createCounter('tt_token_manager.token.refusals', {
      description: 'Tokens that the API refused, as reported to this process',
      unit: '{refusal}',
    }),
    failures: meter.createCounter('tt_token_manager.store.failures', {
      description: 'Store operations that began to fail',
      unit: '{failure}',
    }),
    takeovers: meter.createCounter('tt_token_manager.lock.takeovers', {
      description: 'Refresh locks taken from a process that died or fell silent',
      unit: '{takeover}',
    }),
  };
}
