import { describe, expect, it } from 'vitest';
import type { StoredRecord } from '../../src/records/record.js';
import type { StoreIdentity } from '../../src/stores/store.js';
import type { StoreSession, TokenStore } from '../../src/stores/store.js';

/** What a store's own test brings along. */
export interface StoreUnderTest {
  /** Opens the same storage anew, as another process would. */
  open(): TokenStore;
}

const identity: StoreIdentity = {
  environment: 'UAT',
  baseUrl: 'https://tt.example/',
  keyFingerprint: '0123456789abcdef',
};

function recordOf(accessToken: string, obtainedAt = 1_000): StoredRecord {
  const token = { accessToken, tokenType: 'bearer', obtainedAt, expiresAt: obtainedAt + 1_000 };
  return { version: 1, ...identity, token };
}

/** Any store must pass this: it is what the refresh relies on. */
export function itKeepsTheStoreContract(setUp: () => Promise<StoreUnderTest>): void {
  async function openTwo(): Promise<[StoreSession, StoreSession]> {
    const storage = await setUp();
    return [storage.open().open(identity), storage.open().open(identity)];
  }

  async function acquired(session: StoreSession) {
    const lease = await session.acquire();
    if (!lease) throw new Error('the lock is not free');
    return lease;
  }

  describe('the store contract', () => {
    it('has no record at first', async () => {
      const [one] = await openTwo();
      expect(await one.read()).toBeUndefined();
    });

    it('gives every session the record that one wrote, as it was', async () => {
      const [one, other] = await openTwo();
      await one.write(recordOf('first'));
      expect(await other.read()).toEqual(recordOf('first'));
      await other.write(recordOf('second'));
      expect(await one.read()).toEqual(recordOf('second'));
    });

    it('lets one session hold the lock at a time', async () => {
      const [one, other] = await openTwo();
      const lease = await acquired(one);
      expect(await other.acquire()).toBeUndefined();
      expect(await one.acquire()).toBeUndefined();
      await lease.release();
      const next = await acquired(other);
      expect(await one.acquire()).toBeUndefined();
      await next.release();
    });

    it('grants the lock once when many ask at the same time', async () => {
      const storage = await setUp();
      const sessions = Array.from({ length: 20 }, () => storage.open().open(identity));
      const leases = await Promise.all(sessions.map((session) => session.acquire()));
      const granted = leases.filter((lease) => lease !== undefined);
      expect(granted).toHaveLength(1);
      await granted[0]?.release();
    });

    it('writes under a lease, and says that it did', async () => {
      const [one, other] = await openTwo();
      const lease = await acquired(one);
      expect(await lease.write(recordOf('leased'))).toBe(true);
      expect(await other.read()).toEqual(recordOf('leased'));
      await lease.release();
    });

    it('writes nothing under a lease that is over', async () => {
      const [one, other] = await openTwo();
      const late = await acquired(one);
      await late.release();
      const current = await acquired(other);
      await current.write(recordOf('newer'));
      expect(await late.write(recordOf('older'))).toBe(false);
      expect(await one.read()).toEqual(recordOf('newer'));
      await current.release();
    });

    it('releases a lease once: a second release leaves the next holder alone', async () => {
      const [one, other] = await openTwo();
      const lease = await acquired(one);
      await lease.release();
      const next = await acquired(other);
      await lease.release();
      expect(await one.acquire()).toBeUndefined();
      await next.release();
    });

    it('wakes a watch when a record is written', async () => {
      const [one, other] = await openTwo();
      const watch = one.watch();
      try {
        const seen = (async () => {
          while ((await one.read()) === undefined) await watch.changed();
          return one.read();
        })();
        await other.write(recordOf('awaited'));
        expect(await seen).toEqual(recordOf('awaited'));
      } finally {
        watch.close();
      }
    });

    it('wakes a watch when the lock is released', async () => {
      const [one, other] = await openTwo();
      const lease = await acquired(other);
      const watch = one.watch();
      const taken = (async () => {
        for (;;) {
          const own = await one.acquire();
          if (own) return own;
          await watch.changed();
        }
      })();
      await lease.release();
      await (await taken).release();
      watch.close();
    });

    it('ends a wait when its watch is closed', async () => {
      const [one] = await openTwo();
      const watch = one.watch();
      const ended = watch.changed();
      watch.close();
      await expect(ended).resolves.toBeUndefined();
    });
  });
}
