import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { tryLockfile } from '../../../../src/stores/file/lock/lockfile.js';

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tt-token-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

it('gives a lock that is free, and none that is held', async () => {
  const lock = join(await newFolder(), 'token.json.lock');
  const unlock = await tryLockfile(lock);
  expect(existsSync(lock)).toBe(true);
  expect(await tryLockfile(lock)).toBeUndefined();
  await unlock?.();
  expect(existsSync(lock)).toBe(false);
});

it('gives none where the folder has just been removed', async () => {
  expect(await tryLockfile(join(await newFolder(), 'removed', 'token.json.lock'))).toBeUndefined();
});

it('fails where no lock can be made', async () => {
  const file = join(await newFolder(), 'file');
  await writeFile(file, '');
  await expect(tryLockfile(join(file, 'token.json.lock'))).rejects.toThrow('ENOTDIR');
});
