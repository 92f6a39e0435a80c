import { watch, type FSWatcher } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { watchFile } from '../../../src/stores/file/watch.js';
import type { StoreWatch } from '../../../src/stores/store.js';
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

/** How often a watch wakes within a second that nothing happens in. */
async function wakesInASecond(watching: StoreWatch): Promise<number> {
  let wakes = 0;
  const count = async (): Promise<void> => {
    await watching.changed();
    wakes += 1;
    return count();
  };
  void count();
  await vi.advanceTimersByTimeAsync(1_000);
  return wakes;
}

describe('a watch of the token file', () => {
  // The clock stands still: nothing but the watcher can wake it.
  it.each(['file', 'lock'] as const)('wakes when something happens to the %s', async (name) => {
    const location = await newLocation();
    const watching = await start(Promise.resolve(location));
    const woken = watching.changed();
    await writeFile(location[name], 'new');
    await woken;
  });

  it('does not wake for another file of the folder, but for one that is not named', async () => {
    const watching = await start(Promise.resolve(await newLocation()));
    const [, , tell] = vi.mocked(watch).mock.calls[0] as unknown as [
      folder: string,
      options: object,
      tell: (event: string, name: string | null) => void,
    ];
    const woken = vi.fn();
    void watching.changed().then(woken);
    tell('rename', 'another.json');
    await vi.advanceTimersByTimeAsync(0);
    expect(woken).not.toHaveBeenCalled();
    tell('rename', null);
    await vi.advanceTimersByTimeAsync(0);
    expect(woken).toHaveBeenCalledOnce();
  });

  it('looks besides every 100 ms, and up to 150 ms later', async () => {
    const location = Promise.resolve(await newLocation());
    expect(await wakesInASecond(await start(location))).toBe(10);
    vi.mocked(Math.random).mockReturnValue(1);
    expect(await wakesInASecond(await start(location))).toBe(4);
  });

  it('looks every 25 ms where the folder cannot be watched', async () => {
    const { file, ...location } = await newLocation();
    const missing = Promise.resolve({
      ...location,
      file,
      folder: join(location.folder, 'missing'),
    });
    expect(await wakesInASecond(await start(missing))).toBe(40);
  });

  it('looks every 25 ms where the file cannot be found', async () => {
    const refused = Promise.reject(new Error('is not a regular file'));
    expect(await wakesInASecond(await start(refused))).toBe(40);
    expect(watchers()).toEqual([]);
  });

  it('looks every 25 ms once the folder can be watched no longer', async () => {
    const watching = await start(Promise.resolve(await newLocation()));
    const [watcher] = watchers();
    const closed = vi.fn();
    watcher?.on('close', closed);
    watcher?.emit('error', new Error('the watch was lost'));
    expect(await wakesInASecond(watching)).toBe(40);
    expect(closed).toHaveBeenCalledOnce();
  });

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
