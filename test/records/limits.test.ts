import { expect, it, vi } from 'vitest';
import { recordFormat } from '../../src/records/format.js';
import { keySource } from '../../src/records/key.js';
import type { StoreIdentity } from '../../src/stores/store.js';

const owner: StoreIdentity = {
  environment: 'SIM',
  baseUrl: 'https://ttrestapi.trade.tt',
  keyFingerprint: '0011223344556677',
};

it('finds no record in a text that is longer than any record', async () => {
  const format = recordFormat(owner, undefined);
  const text = JSON.stringify({ version: 1, padding: 'x'.repeat(262_144) });
  expect(await format.parse(text)).toBeUndefined();
});

it('knows the last twelve different keys of a function, however often it is asked', async () => {
  vi.useFakeTimers();
  try {
    let given = 0;
    const source = keySource(() => Buffer.alloc(32, Math.floor(given++ / 2)));
    for (let asked = 0; asked < 28; asked++) {
      await source.get();
      await vi.advanceTimersByTimeAsync(5_000);
    }
    const texts = source.texts();
    const isKnown = (byte: number): boolean =>
      texts.includes(Buffer.alloc(32, byte).toString('hex'));
    expect([0, 1, 2, 3, 12, 13].map(isKnown)).toEqual([false, false, true, true, true, true]);
  } finally {
    vi.useRealTimers();
  }
});
