import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { observeTokenManager } from '../../../src/adapters/opentelemetry/index.js';
import { expectNoSecrets } from '../../helpers/expect-no-secrets.js';
import { setScene } from '../../processes/scene.js';
import { setUp, startServer } from '../setup.js';
import { metric } from './setup.js';

const run = promisify(execFile);

/** The value of the one line of a scrape that has the name and all labels. */
function sample(scrape: string, name: string, ...labels: readonly string[]): number {
  const lines = scrape.split('\n').filter((line) => line.startsWith(`tt_token_manager_${name}{`));
  const found = lines.filter((line) => labels.every((label) => line.includes(label)));
  expect(found).toHaveLength(1);
  return Number(found[0]?.split(' ').at(-1));
}

it('gives Prometheus a scrape with all that there is, and without a secret', async () => {
  const { tt, manager } = await setUp();
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const meterProvider = new MeterProvider({ readers: [exporter] });
  onTestFinished(() => meterProvider.shutdown());
  const { url } = await startServer((request, response) =>
    exporter.getMetricsRequestHandler(request, response),
  );
  const stop = observeTokenManager(manager, { meterProvider });
  const { accessToken } = await manager.getToken();
  const { apiKey, apiSecret } = tt;
  const body = { message: `no ${apiKey}:${apiSecret} nor ${accessToken}` };
  tt.failNextTokenRequests({ status: 403, body: JSON.stringify(body) });
  await expect(manager.getToken({ forceRefresh: true })).rejects.toThrow();
  manager.invalidate(accessToken);

  const scrape = async (): Promise<string> => (await fetch(`${url}/metrics`)).text();
  const before = await scrape();
  const success = ['refresh_reason="missing"', 'refresh_outcome="success"'];
  const failure = ['refresh_reason="forced"', 'refresh_outcome="failure"', 'error_type="CRED'];
  expect(sample(before, 'refreshes_total', ...success)).toBe(1);
  expect(sample(before, 'refreshes_total', ...failure)).toBe(1);
  expect(sample(before, 'refresh_duration_bucket', ...success, 'le="10"')).toBe(1);
  expect(sample(before, 'refresh_duration_count', ...failure)).toBe(1);
  expect(sample(before, 'token_time_until_expiry')).toBeGreaterThan(86_000);
  expect(sample(before, 'token_refusals_total', 'token_will_refresh="true"')).toBe(1);
  expectNoSecrets({ apiKey, apiSecret, accessToken }, before);

  stop();
  await manager.getToken({ forceRefresh: true });
  const after = await scrape();
  // The SDK repeats the last value of each metric.
  expect(after).toBe(before);
});

it('keeps no process alive, with the manager open and observed', async () => {
  const { environment, tt } = await setScene();
  const program = fileURLToPath(new URL('observed-and-open.mjs', import.meta.url));
  const { stdout, stderr } = await run(process.execPath, [program], {
    env: environment,
    timeout: 120_000,
  });
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual([metric.duration, metric.refreshes, metric.expiry]);
  expect(tt.tokenRequests).toHaveLength(1);
});
