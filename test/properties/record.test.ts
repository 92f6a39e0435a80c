import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StoreIdentity } from '../../src/index.js';
import {
  isAhead,
  newest,
  nextGeneration,
  readRecord,
  toRecord,
  type SharedState,
} from '../../src/records/record.js';
import { changed, changesAround, json, stateAt, type Change } from './records.js';
import { runs } from './runs.js';
import { soundParts } from './sound-parts.js';

const dayMs = 86_400_000;
const owner: StoreIdentity = {
  environment: 'UAT',
  baseUrl: 'https://ttrestapi.trade.tt/',
  keyFingerprint: '0123456789abcdef',
};

const clock = fc.oneof(
  fc.constantFrom(0, 1, 59_999, 60_000, -60_000, 2 ** 31, 2 ** 32, 8.64e15 - 61 * dayMs),
  fc.integer({ min: 1_600_000_000_000, max: 4_000_000_000_000 }),
);

/** An instant, and what a manager may have written until then. */
const scene = clock.chain((now) => fc.tuple(fc.constant(now), stateAt(now)));
type Scene = [now: number, state: SharedState];

/** The same and what has become of it since. */
const changedScene = clock.chain((now) =>
  fc.tuple(fc.constant(now), stateAt(now), changesAround(now)),
);

describe('a record', () => {
  it('is read as it was written, after a way through JSON', () => {
    const property = ([now, state]: Scene): void => {
      const stored: unknown = JSON.parse(JSON.stringify(toRecord(owner, state)));
      expect(readRecord(stored, owner, now)).toStrictEqual(JSON.parse(JSON.stringify(state)));
    };
    fc.assert(fc.property(scene, property), runs(1_000));
  });

  it('that was changed gives the parts that are sound, and nothing else', () => {
    const property = ([now, state, changes]: [...Scene, readonly Change[]]): void => {
      const raw = changed(owner, state, changes);
      const read = readRecord(raw, owner, now);
      expect(read).toStrictEqual(soundParts(raw, owner, now));
      expect(Object.isFrozen(read?.token)).toBe(true);
    };
    fc.assert(fc.property(changedScene, property), runs(3_000));
  });

  it('of another owner counts as none', () => {
    const field = fc.constantFrom('environment', 'baseUrl', 'keyFingerprint');
    const value = fc.oneof(fc.string(), fc.constantFrom('LIVE', 'uat', owner.baseUrl.slice(0, -1)));
    const property = ([now, state]: Scene, name: keyof StoreIdentity, text: string): void => {
      fc.pre(text !== owner[name]);
      const foreign = { ...owner, [name]: text };
      expect(readRecord(toRecord(foreign, state), owner, now)).toBeUndefined();
      expect(readRecord(toRecord(owner, state), foreign, now)).toBeUndefined();
    };
    fc.assert(fc.property(scene, field, value, property), runs(500));
  });

  it('that is anything at all never throws, and gives nothing unsound', () => {
    const anything = fc.oneof(json, fc.anything({ withNullPrototype: true, withBigInt: true }));
    const parts = anything.map((value) => ({ token: value, failure: value, spacing: value }));
    const owned = parts.map((state) => ({ ...toRecord(owner, {}), ...state }));
    const property = (raw: unknown, now: number): void => {
      expect(readRecord(raw, owner, now)).toStrictEqual(soundParts(raw, owner, now));
    };
    fc.assert(fc.property(fc.oneof(anything, owned), clock, property), runs(2_000));
  });
});

describe('what two sources know together', () => {
  const two = clock.chain((now) => fc.tuple(stateAt(now), stateAt(now)));
  type Two = [memory: SharedState, stored: SharedState];

  it('is what the later generation knows, whatever the dates', () => {
    const property = ([memory, stored]: Two, generation: number, ahead: number): void => {
      const earlier = { ...memory, generation };
      const later = { ...stored, generation: generation + ahead };
      expect(newest(earlier, later)).toBe(later);
      expect(newest(later, earlier)).toBe(later);
      expect(isAhead(later, earlier)).toBe(true);
      expect(isAhead(earlier, later)).toBe(false);
      expect(nextGeneration(earlier)).toBe(generation + 1);
    };
    const number = fc.integer({ min: 1, max: 1_000 });
    fc.assert(fc.property(two, number, number, property), runs(500));
  });

  it('is the newest of each part within a generation, and the same when asked again', () => {
    const property = ([one, other]: Two): void => {
      const [memory, stored] = [one, other].map((state) => ({ ...state, generation: 7 })) as Two;
      const both = newest(memory, stored);
      const latest = (...instants: (number | undefined)[]): number =>
        Math.max(...instants.map((instant) => instant ?? -1));
      const obtainedAt = latest(one.token?.obtainedAt, other.token?.obtainedAt);
      const refreshedAt = latest(one.spacing?.refreshedAt, other.spacing?.refreshedAt);
      expect(latest(both.token?.obtainedAt)).toBe(obtainedAt);
      expect(latest(both.spacing?.refreshedAt)).toBe(refreshedAt);
      const failedAt = latest(one.failure?.failedAt, other.failure?.failedAt);
      if (failedAt >= obtainedAt) expect(latest(both.failure?.failedAt)).toBe(failedAt);
      for (const part of ['token', 'failure', 'spacing'] as const) {
        expect([undefined, one[part], other[part]]).toContain(both[part]);
      }
      expect(newest(both, both)).toStrictEqual(both);
    };
    fc.assert(fc.property(two, property), runs(1_000));
  });
});
