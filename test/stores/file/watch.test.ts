import { watch, type FSWatcher } from 'node:fs';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { currentProcess } from '../../../src/stores/file/lock/process-identity.js';
import { watchFile } from '../../../src/stores/file/watch.js';
import type { StoreWatch } from '../../../src/stores/store.js';
import { v4 as newWriter } from 'uuid';
import { locate, type TokenLocation } from '../../../src/stores/file/location.js';

vi.mock('node:fs', async (importOriginal) => {
  const original = await importOriginal<typeof import('node:fs')>();
  return { ...original, watch: vi.fn(original.watch) };
});

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  vi.spyOn(Math, 'random').mockReturnValue(0);
  vi.mocked(watch).mockClear();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

async function newLocation(): Promise<TokenLocation> {
  const folder = await mkdtemp(join(tmpdir(), 'tt-token-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return locate(join(folder, 'token.json'));
}

/** Starts a watch, and waits until it watches the folder or has given that up. */
async function start(finding: Promise<TokenLocation>): Promise<StoreWatch> {
  const watching = watchFile(finding);
  onTestFinished(() => watching.close());
  await vi.advanceTimersByTimeAsync(0);
  return watching;
}

/** The watchers of folders that were opened. */
function watchers(): FSWatcher[] {
  return vi.mocked(watch).mock.results.map(({ value }) => value as FSWatcher);
}

/** Lets some looks of the only open watch happen, one every 100 ms; returns how many of them woke it. */
async function wakesIn(looks: number, watching: StoreWatch): Promise<number> {
  let wakes = 0;
  const count = async (): Promise<void> => {
    await watching.changed();
    wakes += 1;
    return count();
  };
  void count();
  for (let look = 0; look < looks; look++) {
    await vi.advanceTimersByTimeAsync(100);
    // The next one is due once it is over.
    while (vi.getTimerCount() === 0) await turn();
  }
  await turn();
  return wakes;
}

/** Makes a lock; its holder is this process unless told otherwise. */
async function makeLock({ lock, owner }: TokenLocation, holder: object = {}): Promise<void> {
  await mkdir(lock);
  await writeFile(owner, JSON.stringify({ ...currentProcess(), writer: newWriter(), ...holder }));
}

/** A location that cannot be watched, so that looks alone wake. */
async function unwatchedLocation(): Promise<TokenLocation> {
  const location = await newLocation();
  return { ...location, folder: join(location.folder, 'missing') };
}

describe('a watch of the token file', () => {
  // The clock stands still: nothing but the watcher can wake it.
  it('wakes when the lock comes and goes', async () => {
    const location = await newLocation();
    const watching = await start(Promise.resolve(location));
    const made = watching.changed();
    await mkdir(location.lock);
    await made;
    const removed = watching.changed();
    await rm(location.lock, { recursive: true });
    await removed;
  });

  it('wakes for what is not named, but not for the file, another one or a touched lock', async () => {
    const location = await newLocation();
    const watching = await start(Promise.resolve(location));
    const [, , tell] = vi.mocked(watch).mock.calls[0] as unknown as [
      folder: string,
      options: object,
      tell: (event: string, name: string | null) => void,
    ];
    const woken = vi.fn();
    void watching.changed().then(woken);
    tell('rename', basename(location.file));
    tell('rename', 'another.json');
    tell('change', basename(location.lock));
    await vi.advanceTimersByTimeAsync(0);
    expect(woken).not.toHaveBeenCalled();
    tell('rename', null);
    await vi.advanceTimersByTimeAsync(0);
    expect(woken).toHaveBeenCalledOnce();
  });
});

describe('a regular look', () => {
  it.each([
    [0, 100],
    [1, 250],
  ])('comes after 100 to 250 ms (random number %d: %d ms)', async (random, dueMs) => {
    vi.mocked(Math.random).mockReturnValue(random);
    const watching = await start(Promise.resolve(await unwatchedLocation()));
    const woken = vi.fn();
    const waiting = watching.changed().then(woken);
    await vi.advanceTimersByTimeAsync(dueMs - 1);
    expect(vi.getTimerCount()).toBe(1);
    expect(woken).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    await waiting;
  });

  it('wakes with the first one, and then while the lock is free', async () => {
    const location = await unwatchedLocation();
    const free = await start(Promise.resolve(location));
    expect(await wakesIn(4, free)).toBe(4);
    free.close();
    await makeLock(location);
    expect(await wakesIn(4, await start(Promise.resolve(location)))).toBe(1);
  });

  it('wakes once when the file is another one', async () => {
    const location = await unwatchedLocation();
    await makeLock(location);
    await writeFile(location.file, 'old');
    const watching = await start(Promise.resolve(location));
    expect(await wakesIn(2, watching)).toBe(1);
    await writeFile(location.file, 'new');
    await utimes(location.file, 1, 1);
    expect(await wakesIn(3, watching)).toBe(1);
  });

  it('wakes while the holder is dead', async () => {
    const location = await unwatchedLocation();
    await makeLock(location, { startedAt: 'before' });
    expect(await wakesIn(3, await start(Promise.resolve(location)))).toBe(3);
  });

  it('wakes while the holder is silent', async () => {
    const location = await unwatchedLocation();
    await mkdir(location.lock);
    await writeFile(location.owner, ''); // one that has not written its record yet
    const watching = await start(Promise.resolve(location));
    expect(await wakesIn(3, watching)).toBe(1);
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 6_000);
    expect(await wakesIn(3, watching)).toBe(3);
  });

  it('learns of a new holder whose lock has the number of the old one', async () => {
    const location = await unwatchedLocation();
    await makeLock(location, { startedAt: 'before' });
    const watching = await start(Promise.resolve(location));
    expect(await wakesIn(1, watching)).toBe(1);
    await rm(location.owner);
    await writeFile(location.owner, JSON.stringify({ ...currentProcess(), writer: newWriter() }));
    expect(await wakesIn(3, watching)).toBe(0);
  });

  it('comes as often where nothing can be looked at, and wakes', async () => {
    const refused = Promise.reject(new Error('is not a regular file'));
    expect(await wakesIn(4, await start(refused))).toBe(4);
    expect(watchers()).toEqual([]);
  });

  it('comes as often once the folder can be watched no longer', async () => {
    const watching = await start(Promise.resolve(await newLocation()));
    const [watcher] = watchers();
    const closed = vi.fn();
    watcher?.on('close', closed);
    watcher?.emit('error', new Error('the watch was lost'));
    expect(await wakesIn(4, watching)).toBe(4);
    expect(closed).toHaveBeenCalledOnce();
  });
});

describe('the end of a watch', () => {
  it('opens nothing when it is closed before the file is found', async () => {
    const location = await newLocation();
    let find = (): void => undefined;
    const watching = watchFile(new Promise((resolve) => (find = () => resolve(location))));
    watching.close();
    find();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(watchers()).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is over when it is closed: no watcher and no timer is left, whatever comes after', async () => {
    const watching = await start(Promise.resolve(await newLocation()));
    const [watcher] = watchers();
    watching.close();
    watcher?.emit('error', new Error('too late'));
    expect(vi.getTimerCount()).toBe(0);
  });
});
