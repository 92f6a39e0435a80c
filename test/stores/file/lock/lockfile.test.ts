import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { tryLockfile } from '../../../../src/stores/file/lock/lockfile.js';

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tt-token-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

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
