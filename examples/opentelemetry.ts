// A service whose token health Prometheus scrapes: with any other exporter, only the first lines differ.
//   npm install @opentelemetry/api @opentelemetry/sdk-metrics @opentelemetry/exporter-prometheus
//   TT_API_KEY=... TT_API_SECRET=... TT_APP_NAME='My App' TT_COMPANY_NAME='Acme Co' npx tsx examples/opentelemetry.ts
//   curl http://127.0.0.1:9464/metrics
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createTokenManager, optionsFromEnv } from 'tt-token-manager';
import { observeTokenManager } from 'tt-token-manager/opentelemetry';

const { METRICS_PORT = '9464' } = process.env;
const exporter = new PrometheusExporter({ preventServerStart: true });
const meterProvider = new MeterProvider({ readers: [exporter] });
const server = createServer((request, response) =>
  exporter.getMetricsRequestHandler(request, response),
);

async function serve(): Promise<void> {
  await using manager = createTokenManager(optionsFromEnv());
  const stop = observeTokenManager(manager, { meterProvider });
  server.listen(Number(METRICS_PORT), '127.0.0.1');
  await once(server, 'listening');
  // A service that starts without a token stays up, and its metrics say why.
  await manager.getToken().catch((error: unknown) => console.error(describe(error)));
  const { port } = server.address() as AddressInfo;
  console.log(`metrics at http://127.0.0.1:${port}/metrics`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  stop();
  server.close();
  server.closeAllConnections();
  await meterProvider.shutdown();
}

function describe(error: unknown): string {
  return `opentelemetry: ${error instanceof Error ? error.message : 'failed'}`;
}

try {
  await serve();
} catch (error) {
  console.error(describe(error));
  process.exitCode = 2;
}
