import { describe, expect, it } from 'vitest';
import { startFakeTT } from '../../src/testing/index.js';
import type { FakeTTOptions } from '../../src/testing/index.js';
import { startForTest } from './client.js';

/** What a caller without types might pass. */
function wrong(value: unknown): never {
  return value as never;
}

describe('a wrong option', () => {
  it.each([
    ['apiKey', 5, TypeError],
    ['apiKey', 'a:b', RangeError],
    ['apiSecret', '', RangeError],
    ['apiSecret', 'a b', RangeError],
    ['latencyMs', '5', TypeError],
    ['latencyMs', -1, RangeError],
    ['latencyMs', 2 ** 31, RangeError],
    ['apiLatencyMs', NaN, RangeError],
    ['tokenLifetimeSeconds', -1, RangeError],
    ['tokenLifetimeSeconds', Infinity, RangeError],
    ['lifetimeAsString', 'yes', TypeError],
    ['sameToken', 1, TypeError],
    ['revokesOlder', 'no', TypeError],
    ['secretRefusal', 'other', RangeError],
    ['port', '8080', TypeError],
    ['port', -1, RangeError],
    ['port', 80.5, RangeError],
    ['port', 65_536, RangeError],
    ['port', Infinity, RangeError],
    ['requestsPerSecond', '3', TypeError],
    ['requestsPerSecond', 0, RangeError],
    ['requestsPerSecond', 2.5, RangeError],
    ['requestsPerDay', null, TypeError],
    ['requestsPerDay', NaN, RangeError],
    ['postIntervalMs', true, TypeError],
    ['postIntervalMs', -1, RangeError],
    ['postIntervalMs', Infinity, RangeError],
    ['requestPerSecond', 3, TypeError],
    ['toString', 3, TypeError],
  ])('%s: %s is named', async (name, value, type) => {
    const starting = startFakeTT({ [name]: value });
    await expect(starting).rejects.toBeInstanceOf(type);
    await expect(starting).rejects.toThrow(name);
  });

  it('is never shown when it is a secret', async () => {
    const starting = startFakeTT({ apiSecret: 'joined:secret-text' });
    await expect(starting).rejects.not.toThrow('secret-text');
  });

  it.each(['apiKey', 'apiSecret', 'port'])(
    'is %s in configure: it is the same for good',
    async (name) => {
      const fake = await startForTest();
      expect(() => fake.configure(wrong({ [name]: 'other' }))).toThrow(`unknown option ${name}`);
    },
  );

  it('changes nothing in configure', async () => {
    const fake = await startForTest();
    expect(() => fake.configure({ latencyMs: 2_000_000_000, apiLatencyMs: -1 })).toThrow(
      'apiLatencyMs',
    );
    const response = await fetch(`${fake.url}/ttid/ext_uat_cert/token`);
    expect(response.status).toBe(403);
  });

  it('is named by the methods that prepare failures', async () => {
    const fake = await startForTest();
    expect(() => fake.failNextTokenRequests({ status: 99 })).toThrow(RangeError);
    expect(() => fake.failNextTokenRequests({ status: 200.5 })).toThrow('status');
    expect(() => fake.failNextTokenRequests({ status: wrong('500') })).toThrow(TypeError);
    expect(() => fake.failNextTokenRequests({ status: 500, count: 0 })).toThrow('count');
    expect(() => fake.failNextTokenRequests({ status: 500, count: 1.5 })).toThrow('count');
    expect(() => fake.failNextTokenRequests({ status: 500, body: wrong(5) })).toThrow('body');
    const late = { status: 500, retryAfterSeconds: -1 };
    expect(() => fake.failNextTokenRequests(late)).toThrow('retryAfterSeconds');
    expect(() => fake.faultNextTokenRequests({ fault: wrong('melt') })).toThrow('fault');
    expect(() => fake.faultNextTokenRequests(wrong('melt'))).toThrow(RangeError);
    expect(() => fake.faultNextRequests(wrong('expired'))).toThrow('fault must be one of hang,');
    expect(() => fake.faultNextRequests({ fault: 'reset', count: 0 })).toThrow('count');
    expect(() => fake.faultNextRequests({ fault: 'reset', path: '/a?b' })).toThrow('path');
    expect(() => fake.failNextRequests({ status: 500, path: 'x' })).toThrow('path');
    expect(() => fake.failNextRequests({ status: 500, headers: { a: 'b\n' } })).toThrow('"a"');
    expect(() => fake.failNextRequests({ status: 500, headers: { 'a b': 'c' } })).toThrow('"a b"');
    const response = await fetch(`${fake.url}/nothing-was-prepared`);
    expect(response.status).toBe(404);
  });

  it('is named by redirect and waitForTokenRequests', async () => {
    const fake = await startForTest();
    const to = { status: 303, location: '/to' } as const;
    expect(() => fake.redirect('from', to)).toThrow('fromPath');
    expect(() => fake.redirect('/from?x', to)).toThrow('fromPath');
    expect(() => fake.redirect('/from', { ...to, status: wrong(300) })).toThrow('status');
    expect(() => fake.redirect('/from', { ...to, location: wrong(undefined) })).toThrow('location');
    await expect(fake.waitForTokenRequests(-1)).rejects.toThrow('count');
  });
});

describe('an option left undefined', () => {
  it('keeps its default', async () => {
    const options: FakeTTOptions = { latencyMs: undefined, apiKey: undefined };
    const fake = await startForTest(options);
    expect(fake.apiKey).toMatch(/^[0-9a-f-]{36}$/);
  });
});
