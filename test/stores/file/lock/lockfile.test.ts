import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { holdLockfile } from '../../../../src/stores/file/lock/lockfile.js';

/** What proper-lockfile has asked for, as it ends. */
const looks: Promise<unknown>[] = [];
vi.mock('../../../../src/stores/file/files.js', async (original) => {
  const files = await original<typeof import('../../../../src/stores/file/files.js')>();
  const lstat = (path: string): Promise<unknown> => {
    const look = files.lstat(path);
    looks.push(look.catch(() => undefined));
    return look;
  };
  return { ...files, lstat };
});

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
});

async function newLock() {
  const folder = await mkdtemp(join(tmpdir(), 'tt-token-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const lock = join(folder, 'token.json.lock');
  const entry = join(lock, 'entry');
  const take = async (): Promise<boolean> => {
    await mkdir(lock);
    await writeFile(entry, '');
    return true;
  };
  return { folder, lock, entry, take };
}

async function touchedAt(lock: string): Promise<number> {
  return (await stat(lock)).mtimeMs;
}

it('takes a lock as it is told, touches it each second, and leaves it when it stops', async () => {
  const { lock, entry, take } = await newLock();
  const stop = await holdLockfile(lock, entry, take);
  for (let touches = 0; touches < 3; touches++) {
    await utimes(lock, new Date(0), new Date(0));
    vi.advanceTimersByTime(1_000);
    await expect.poll(() => touchedAt(lock)).toBeGreaterThan(1e12);
    await expect.poll(() => vi.getTimerCount()).toBe(1);
  }
  await stop?.();
  expect(await readdir(lock)).toEqual(['entry']);
  expect(vi.getTimerCount()).toBe(0);
});

it('has none where somebody else was faster, or the folder has gone', async () => {
  const { lock, entry } = await newLock();
  expect(await holdLockfile(lock, entry, () => Promise.resolve(false))).toBeUndefined();
  expect(await holdLockfile(lock, entry, () => Promise.resolve(true))).toBeUndefined();
  expect(existsSync(lock)).toBe(false);
  expect(vi.getTimerCount()).toBe(0);
});

it('fails as the taking does', async () => {
  const { lock, entry } = await newLock();
  const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' });
  await expect(holdLockfile(lock, entry, () => Promise.reject(full))).rejects.toBe(full);
  expect(vi.getTimerCount()).toBe(0);
});

it('touches the lock of nobody else: it ends when its entry has gone', async () => {
  const { lock, entry, take } = await newLock();
  const stop = await holdLockfile(lock, entry, take);
  await rm(entry);
  await utimes(lock, new Date(0), new Date(0));
  vi.advanceTimersByTime(1_000);
  await Promise.all(looks);
  expect(vi.getTimerCount()).toBe(0);
  await stop?.();
  vi.advanceTimersByTime(5_000);
  expect(await touchedAt(lock)).toBe(0);
});

it('stops one lock of the process without harm to the next at the same place', async () => {
  const { lock, entry, take } = await newLock();
  const stopLate = await holdLockfile(lock, entry, take);
  await rm(lock, { recursive: true });
  const stopNext = await holdLockfile(lock, entry, take);
  await stopLate?.();
  expect(vi.getTimerCount()).toBe(1);
  await stopNext?.();
  expect(vi.getTimerCount()).toBe(0);
});

it('does not answer a look that ends after it: proper-lockfile would throw', async () => {
  const { lock, entry, take } = await newLock();
  const stop = await holdLockfile(lock, entry, take);
  await rm(lock, { recursive: true });
  await writeFile(lock, '');
  vi.advanceTimersByTime(1_000);
  // The look is on its way, and fails with ENOTDIR.
  await stop?.();
  await Promise.all(looks);
  expect(vi.getTimerCount()).toBe(0);
});
