import { metrics as globalMetrics } from '@opentelemetry/api';
import { AggregationTemporality } from '@opentelemetry/sdk-metrics';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { observeTokenManager } from '../../../src/adapters/opentelemetry/index.js';
import {
  createTokenManager,
  fileStore,
  memoryStore,
  type TokenManager,
  type TokenManagerOptions,
} from '../../../src/index.js';
import type { FakeFailure, FakeTTOptions } from '../../../src/testing/index.js';
import { setScene } from '../../processes/scene.js';
import { startForTest } from '../../testing/client.js';
import { setUp } from '../setup.js';
import { durationsOf, metric, refresh, startMetrics } from './setup.js';

/** A manager that is observed, with options of its own. */
async function observed(
  options: Partial<TokenManagerOptions> = {},
  fake: FakeTTOptions = {},
): Promise<Awaited<ReturnType<typeof setUp>> & ReturnType<typeof startMetrics>> {
  const tt = await startForTest(fake);
  const { url: baseUrl, apiKey, apiSecret } = tt;
  const manager = createTokenManager({
    ...{ baseUrl, apiKey, apiSecret, appName: 'Adapter', companyName: 'Tests' },
    ...{ store: memoryStore(), autoRefresh: false, ...options },
  });
  onTestFinished(() => manager.close());
  const metrics = startMetrics();
  const { meterProvider } = metrics;
  observeTokenManager(manager, { meterProvider });
  return { tt, manager, ...metrics };
}

/** The next event of a name. */
function next(manager: TokenManager, name: 'refreshed' | 'refreshFailed'): Promise<unknown> {
  return new Promise((resolve) => manager.on(name, resolve));
}

/** A call that fails. */
async function fail(manager: TokenManager): Promise<void> {
  await expect(manager.getToken({ forceRefresh: true })).rejects.toThrow();
}

describe('the refreshes', () => {
  it('are counted by reason, those of a timer too, each with its duration in seconds', async () => {
    const options = { autoRefresh: true, refreshBufferMs: 60_000 };
    const fake = { tokenLifetimeSeconds: 2, latencyMs: 20 };
    const { tt, manager, points } = await observed(options, fake);
    const ageing = next(manager, 'refreshed').then(() => next(manager, 'refreshed'));
    await manager.getToken();
    await ageing;
    tt.configure({ tokenLifetimeSeconds: 86_400 });
    const { accessToken } = await manager.getToken({ forceRefresh: true });
    manager.invalidate(accessToken);
    await manager.getToken();

    const counts = await points(metric.refreshes);
    const durations = await points(metric.duration);
    expect(counts).toEqual(
      ['missing', 'ageing', 'forced', 'refused'].map((reason) => ({
        attributes: refresh(reason),
        value: reason === 'ageing' ? (expect.any(Number) as unknown) : 1,
      })),
    );
    expect(durations.map(({ attributes }) => attributes)).toEqual(
      counts.map(({ attributes }) => attributes),
    );
    expect(durations.map((point) => durationsOf(point).count)).toEqual(
      counts.map(({ value }) => value),
    );
    for (const { max } of durations.map(durationsOf)) {
      expect(max).toBeGreaterThanOrEqual(0.02);
      expect(max).toBeLessThan(10);
    }
  });

  it.each<[string, FakeFailure]>([
    ['TOKEN_REQUEST_FAILED', { status: 500 }],
    ['TOKEN_RATE_LIMITED', { status: 429 }],
    ['CREDENTIALS_REJECTED', { status: 401 }],
    ['TOKEN_RESPONSE_INVALID', { status: 200, body: '{}' }],
  ])('that fail are counted by the code of the error: %s', async (code, failure) => {
    const { tt, manager, points } = await observed();
    await manager.getToken();
    tt.failNextTokenRequests({ ...failure, count: 2 });
    await fail(manager);
    await fail(manager);
    const failed = { attributes: refresh('forced', code), value: 2 };
    expect(await points(metric.refreshes)).toEqual([
      { attributes: refresh('missing'), value: 1 },
      failed,
    ]);
    const durations = await points(metric.duration);
    expect(durations.map(({ attributes }) => attributes)).toContainEqual(failed.attributes);
    expect(durations.map((point) => durationsOf(point).count)).toEqual([1, 2]);
  });

  it('that fail before a request is sent have no duration', async () => {
    const apiSecret = (): never => {
      throw new Error('the vault is sealed');
    };
    const { manager, points } = await observed({ apiSecret });
    await fail(manager);
    expect(await points(metric.refreshes)).toEqual([
      { attributes: refresh('forced', 'TOKEN_REQUEST_FAILED'), value: 1 },
    ]);
    expect(await points(metric.duration)).toEqual([]);
  });
});

describe('the time until expiry', () => {
  it('is that of the token in memory or in the store', async () => {
    const store = memoryStore();
    const first = await observed({ store }, { tokenLifetimeSeconds: 3_600 });
    expect(await first.points(metric.expiry)).toEqual([]);
    await first.manager.getToken();
    const { url: baseUrl, apiKey, apiSecret, tokenRequests } = first.tt;
    const second = await observed({ ...{ store, baseUrl, apiKey, apiSecret } });
    for (const { points } of [first, second]) {
      const [point, ...more] = await points(metric.expiry);
      expect(more).toEqual([]);
      expect(point?.attributes).toEqual({});
      expect(point?.value).toBeGreaterThan(3_500);
      expect(point?.value).toBeLessThanOrEqual(3_600);
    }
    expect(tokenRequests).toHaveLength(1);
  });

  it('is not reported, and nothing fails, once the manager is closed', async () => {
    const { manager } = await setUp();
    const { meterProvider, points } = startMetrics(AggregationTemporality.DELTA);
    observeTokenManager(manager, { meterProvider });
    await manager.getToken();
    expect(await points(metric.expiry)).toHaveLength(1);
    await manager.close();
    expect(await points(metric.expiry)).toEqual([]);
  });
});

describe('the other counters', () => {
  it('count refused tokens, by whether a refresh follows', async () => {
    const { manager, points } = await observed();
    manager.invalidate('unknown');
    for (let times = 0; times < 3; times++) {
      manager.invalidate((await manager.getToken()).accessToken);
    }
    expect(await points(metric.refusals)).toEqual([
      { attributes: { 'tt_token_manager.token.will_refresh': true }, value: 1 },
      { attributes: { 'tt_token_manager.token.will_refresh': false }, value: 2 },
    ]);
  });

  it('count store failures, by operation', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tt-metrics-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const { manager, points } = await observed({ store: fileStore({ path: folder }) });
    const operations = new Map<string, number>();
    manager.on('storeFailed', ({ operation }) => {
      operations.set(operation, (operations.get(operation) ?? 0) + 1);
    });
    await manager.getToken();
    expect(operations.has('write')).toBe(true);
    expect(await points(metric.storeFailures)).toEqual(
      Array.from(operations, ([operation, value]) => ({
        attributes: { 'tt_token_manager.store.operation': operation },
        value,
      })),
    );
  });

  it('count locks taken from a process that was killed', async () => {
    const scene = await setScene();
    const holder = await scene.startOne({ hangs: 'secret' });
    void holder.get().catch(() => undefined);
    await holder.reached('secret');
    await holder.kill();
    const { url: baseUrl, apiKey, apiSecret } = scene.tt;
    const { tokenFile } = scene;
    const { manager, points } = await observed({
      ...{ baseUrl, apiKey, apiSecret, store: fileStore({ path: tokenFile }) },
    });
    await manager.getToken();
    expect(await points(metric.takeovers)).toEqual([
      { attributes: { 'tt_token_manager.lock.owner_state': 'dead' }, value: 1 },
    ]);
  });
});

describe('the names', () => {
  it('have units of OpenTelemetry, in one scope', async () => {
    const { manager, collect } = await observed();
    manager.invalidate((await manager.getToken()).accessToken);
    const [scope] = await collect();
    expect(scope?.scope.name).toBe('tt-token-manager');
    const units = scope?.metrics.map(({ descriptor: { name, unit } }) => [name, unit]);
    expect(Object.fromEntries(units ?? [])).toEqual({
      [metric.refreshes]: '{refresh}',
      [metric.duration]: 's',
      [metric.expiry]: 's',
      [metric.refusals]: '{refusal}',
    });
  });
});

describe('observeTokenManager', () => {
  it('stops with the function that it returns: no listener and no callback stay', async () => {
    const { manager } = await setUp();
    const subscribe = vi.spyOn(manager, 'on');
    const status = vi.spyOn(manager, 'status');
    const { meterProvider, collect, points } = startMetrics(AggregationTemporality.DELTA);
    const stop = observeTokenManager(manager, { meterProvider });
    const { accessToken } = await manager.getToken();
    expect(await points(metric.expiry)).toHaveLength(1);
    const listening = subscribe.mock.calls.length;
    expect(listening).toBe(5);
    expect(status).toHaveBeenCalledTimes(1);
    stop();
    stop();
    manager.invalidate(accessToken);
    await manager.getToken();
    expect((await collect()).flatMap(({ metrics }) => metrics)).toEqual([]);
    expect(status).toHaveBeenCalledTimes(1);
  });

  it('uses the global meter provider by default', async () => {
    const { manager } = await setUp();
    const { meterProvider, points } = startMetrics();
    globalMetrics.setGlobalMeterProvider(meterProvider);
    onTestFinished(() => globalMetrics.disable());
    observeTokenManager(manager, { meterProvider: undefined });
    await manager.getToken();
    expect(await points(metric.refreshes)).toHaveLength(1);
  });

  it('does nothing where no meter provider is registered', async () => {
    const { manager } = await setUp();
    const stop = observeTokenManager(manager);
    await manager.getToken();
    stop();
  });

  it.each<[string, unknown[], string]>([
    ['no manager', [], 'manager must be a token manager'],
    ['something else', [{ on: () => undefined }], 'manager must be a token manager'],
    ['options that are none', ['manager', 'metrics'], 'options must be an object'],
    ['null for options', ['manager', null], 'options must be an object'],
    ['a misspelt option', ['manager', { meterProvidr: 1 }], 'did you mean meterProvider?'],
    ['a wrong provider', ['manager', { meterProvider: {} }], 'meterProvider must be a meter'],
    ['null for a provider', ['manager', { meterProvider: null }], 'meterProvider must be a meter'],
  ])('says what is wrong with %s, and listens to nothing', async (_, args, message) => {
    const { manager } = await setUp();
    const subscribe = vi.spyOn(manager, 'on');
    const given = args.map((arg) => (arg === 'manager' ? manager : arg));
    const call = (): unknown => Reflect.apply(observeTokenManager, undefined, given) as unknown;
    expect(call).toThrow(TypeError);
    expect(call).toThrow(message);
    expect(subscribe).not.toHaveBeenCalled();
  });
});
