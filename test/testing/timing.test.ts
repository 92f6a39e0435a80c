import { afterEach, describe, expect, it, vi } from 'vitest';
import { callApi, getAccessToken, postToken, startForTest } from './client.js';

afterEach(() => void vi.useRealTimers());

async function measureMs(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

describe('latency', () => {
  it('delays the endpoint it is set for, and at least that long', async () => {
    const fake = await startForTest({ latencyMs: 60 });
    expect(await measureMs(() => postToken(fake))).toBeGreaterThanOrEqual(58);
    fake.configure({ latencyMs: 0, apiLatencyMs: 60 });
    const token = await getAccessToken(fake);
    expect(await measureMs(() => callApi(fake, token))).toBeGreaterThanOrEqual(58);
  });

  it('delays the other endpoint not at all', async () => {
    const fake = await startForTest({ apiLatencyMs: 2_000_000_000 });
    const token = await getAccessToken(fake);
    fake.configure({ apiLatencyMs: 0, latencyMs: 2_000_000_000 });
    expect((await callApi(fake, token)).status).toBe(200);
  });

  it('holds for the requests that arrive after it is set', async () => {
    const fake = await startForTest();
    const release = fake.holdTokenRequests();
    const early = postToken(fake);
    await fake.waitForTokenRequests(1);
    fake.configure({ latencyMs: 2_000_000_000 });
    release();
    expect((await early).status).toBe(200);
  });

  it('is not stopped by fake timers in the same process', async () => {
    const fake = await startForTest({ latencyMs: 1 });
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout'] });
    expect((await postToken(fake)).status).toBe(200);
  });

  it('leaves no warning behind when many requests wait at once', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on('warning', onWarning);
    const fake = await startForTest({ latencyMs: 20 });
    await Promise.all(Array.from({ length: 50 }, () => postToken(fake)));
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
  });
});

describe('holdTokenRequests', () => {
  it('lets token requests wait until released, and only those', async () => {
    const fake = await startForTest();
    const token = await getAccessToken(fake);
    const release = fake.holdTokenRequests();
    let answered = 0;
    const held = [postToken(fake), postToken(fake)].map((answer) =>
      answer.then(({ status }) => [status, (answered += 1)]),
    );
    await fake.waitForTokenRequests(3);
    expect((await callApi(fake, token)).status).toBe(200);
    expect(answered).toBe(0);
    release();
    release();
    expect((await Promise.all(held)).map(([status]) => status)).toEqual([200, 200]);
    expect((await postToken(fake)).status).toBe(200);
  });

  it('waits for every hold in force', async () => {
    const fake = await startForTest();
    const releases = [fake.holdTokenRequests(), fake.holdTokenRequests()];
    const held = postToken(fake);
    await fake.waitForTokenRequests(1);
    releases[0]?.();
    const token = 'any'; // an API round trip gives a wrong release the time to show
    await callApi(fake, token);
    expect(fake.tokenRequests[0]?.status).toBeUndefined();
    releases[1]?.();
    expect((await held).status).toBe(200);
  });

  it('decides on arrival which request meets a prepared failure', async () => {
    const fake = await startForTest();
    const release = fake.holdTokenRequests();
    const first = postToken(fake);
    await fake.waitForTokenRequests(1);
    fake.failNextTokenRequests({ status: 503 });
    release();
    expect([(await first).status, (await postToken(fake)).status]).toEqual([200, 503]);
  });
});

describe('waitForTokenRequests', () => {
  it('resolves when so many have arrived in total, before or after the call', async () => {
    const fake = await startForTest();
    await fake.waitForTokenRequests(0);
    let isReached = false;
    const both = fake.waitForTokenRequests(2).then(() => (isReached = true));
    await postToken(fake);
    expect(isReached).toBe(false);
    await postToken(fake);
    await both;
    await fake.waitForTokenRequests(1);
  });

  it('rejects with the reason of its signal', async () => {
    const fake = await startForTest();
    const caller = new AbortController();
    const waiting = fake.waitForTokenRequests(1, { signal: caller.signal });
    const reason = new Error('enough');
    caller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(fake.waitForTokenRequests(1, { signal: caller.signal })).rejects.toBe(reason);
  });

  it('rejects when the stand-in is closed', async () => {
    const fake = await startForTest();
    const waiting = fake.waitForTokenRequests(1);
    waiting.catch(() => undefined);
    await fake.close();
    await expect(waiting).rejects.toThrow('closed before');
    await expect(fake.waitForTokenRequests(1)).rejects.toThrow('closed before');
  });
});
