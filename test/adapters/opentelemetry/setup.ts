import type { Attributes, MeterProvider } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider as SdkMeterProvider,
  PeriodicExportingMetricReader,
  type Histogram,
  type ScopeMetrics,
} from '@opentelemetry/sdk-metrics';
import { expect, onTestFinished } from 'vitest';

/** One value of one metric. */
export interface Point {
  readonly attributes: Attributes;
  readonly value: unknown;
}

/** The SDK with a reader in memory. */
export interface Metrics {
  readonly meterProvider: MeterProvider;
  /** Collects, and gives all that there is; fails where an instrument does. */
  collect(): Promise<readonly ScopeMetrics[]>;
  /** Collects, and gives the values of one metric; none where nothing was reported. */
  points(name: string): Promise<readonly Point[]>;
}

/**
 * Starts the SDK; it is shut down when the running test ends. With DELTA each collection gives what is new; with
 * CUMULATIVE the SDK goes on giving the last value of what is not observed any more.
 */
export function startMetrics(temporality = AggregationTemporality.CUMULATIVE): Metrics {
  const exporter = new InMemoryMetricExporter(temporality);
  const reader = new PeriodicExportingMetricReader({ exporter });
  const meterProvider = new SdkMeterProvider({ readers: [reader] });
  onTestFinished(() => meterProvider.shutdown());

  async function collect(): Promise<readonly ScopeMetrics[]> {
    const { resourceMetrics, errors } = await reader.collect();
    expect(errors).toEqual([]);
    return resourceMetrics.scopeMetrics;
  }

  return {
    meterProvider,
    collect,
    async points(name) {
      const metrics = (await collect()).flatMap((scope) => scope.metrics);
      const points = metrics.filter(({ descriptor }) => descriptor.name === name);
      return points.flatMap(({ dataPoints }) =>
        dataPoints.map(({ attributes, value }) => ({ attributes, value })),
      );
    },
  };
}

/** The names of the metrics. */
export const metric = {
  refreshes: 'tt_token_manager.refreshes',
  duration: 'tt_token_manager.refresh.duration',
  expiry: 'tt_token_manager.token.time_until_expiry',
  refusals: 'tt_token_manager.token.refusals',
  storeFailures: 'tt_token_manager.store.failures',
  takeovers: 'tt_token_manager.lock.takeovers',
};

/** The attributes of a refresh. */
export function refresh(reason: string, errorType?: string): Attributes {
  return {
    'tt_token_manager.refresh.reason': reason,
    'tt_token_manager.refresh.outcome': errorType ? 'failure' : 'success',
    ...(errorType && { 'error.type': errorType }),
  };
}

/** How many durations a point holds, and the longest in seconds. */
export function durationsOf({ value }: Point): { count: number; max: number | undefined } {
  const { count, max } = value as Histogram;
  return { count, max };
}
