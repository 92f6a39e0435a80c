// Observes a manager, collects once, prints the names of the metrics, and closes nothing.
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { createTokenManager, optionsFromEnv } from 'tt-token-manager';
import { observeTokenManager } from 'tt-token-manager/opentelemetry';

const reader = new PrometheusExporter({ preventServerStart: true });
const meterProvider = new MeterProvider({ readers: [reader] });
const manager = createTokenManager(optionsFromEnv());
observeTokenManager(manager, { meterProvider });
await manager.getToken();
const { resourceMetrics } = await reader.collect();
const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
console.log(JSON.stringify(metrics.map(({ descriptor }) => descriptor.name).sort()));
