import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { tryLockfile } from '../../../../src/stores/file/lock/lockfile.js';

const require = createRequire(import.meta.url);
type Listen = (listener: () => void) => () => void;

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tt-token-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

describe('loading proper-lockfile', () => {
  /** What a host program can see of it; what Node inherits from EventEmitter is no property of its own. */
  function seenByHost() {
    const { cwd, chdir, reallyExit } = process as NodeJS.Process & { reallyExit: unknown };
    const listeners = process.eventNames().map((name) => [name, process.listeners(name as 'exit')]);
    const emit = Object.getOwnPropertyDescriptor(process, 'emit')?.value as unknown;
    return { cwd, chdir, reallyExit, emit, hasEmit: Object.hasOwn(process, 'emit'), listeners };
  }

  /** Loads it as a process does that has not loaded it before. */
  async function loadAfresh(): Promise<void> {
    vi.resetModules();
    vi.doMock('proper-lockfile', () => ({ default: require('proper-lockfile') as unknown }));
    await (await import('../../../../src/stores/file/lock/lockfile.js')).loadLockfile();
  }

  beforeEach(() => {
    for (const id of Object.keys(require.cache)) {
      if (/[\\/](proper-lockfile|graceful-fs|signal-exit)[\\/]/.test(id))
        Reflect.deleteProperty(require.cache, id);
    }
    Reflect.deleteProperty(process, '__signal_exit_emitter__');
  });
  afterEach(() => {
    vi.doUnmock('proper-lockfile');
  });

  it.each(['its own', 'an inherited'])('leaves a process with %s emit as it was', async (emit) => {
    const found = Object.getOwnPropertyDescriptor(process, 'emit');
    onTestFinished(() => {
      Reflect.deleteProperty(process, 'emit');
      if (found) Object.defineProperty(process, 'emit', found);
    });
    const own = { configurable: true, enumerable: true, writable: true };
    if (emit === 'an inherited') Reflect.deleteProperty(process, 'emit');
    else Object.defineProperty(process, 'emit', { value: process.emit, ...own });
    const before = seenByHost();
    await loadAfresh();
    expect(seenByHost()).toEqual(before);
    expect(seenByHost().hasEmit).toBe(emit === 'its own');
  });

  it('leaves signal-exit alone where the host program uses it too', async () => {
    const requireThere = createRequire(require.resolve('proper-lockfile'));
    const signalExit = requireThere('signal-exit') as Listen & { unload(): void };
    const stopListening = signalExit(() => undefined);
    onTestFinished(() => {
      stopListening();
      signalExit.unload();
    });
    const before = seenByHost();
    expect(before.listeners.map(([name]) => name)).toContain('SIGTERM');
    await loadAfresh();
    expect(seenByHost()).toEqual(before);
  });
});

it('gives a lock that is free, and none that is held, and leaves its folder when it stops', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const lock = join(await newFolder(), 'token.json.lock');
  const stopTouching = await tryLockfile(lock);
  expect(await tryLockfile(lock)).toBeUndefined();
  expect(vi.getTimerCount()).toBe(1);
  await stopTouching?.();
  expect(existsSync(lock)).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});

it('stops one lock of the process without harm to the next at the same place', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const lock = join(await newFolder(), 'token.json.lock');
  const stopLate = await tryLockfile(lock);
  await rm(lock, { recursive: true });
  const stopNext = await tryLockfile(lock);
  await stopLate?.();
  expect(existsSync(lock)).toBe(true);
  expect(vi.getTimerCount()).toBe(1);
  await stopNext?.();
  expect(vi.getTimerCount()).toBe(0);
});

it('gives none where the folder has just been removed', async () => {
  expect(await tryLockfile(join(await newFolder(), 'removed', 'token.json.lock'))).toBeUndefined();
});

it('fails where no lock can be made', async () => {
  const file = join(await newFolder(), 'file');
  await writeFile(file, '');
  await expect(tryLockfile(join(file, 'token.json.lock'))).rejects.toThrow('ENOTDIR');
});
