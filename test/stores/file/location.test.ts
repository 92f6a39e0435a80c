import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, parse } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { hasCode, locate, makeFolder } from '../../../src/stores/file/location.js';

vi.mock('node:fs/promises', async (importOriginal) => {
  const original = await importOriginal<typeof import('node:fs/promises')>();
  return { ...original, mkdir: vi.fn(original.mkdir), stat: vi.fn(original.stat) };
});

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tt-token-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

it('makes folders that others make at the same time', async () => {
  const folder = join(await newFolder(), 'a', 'b', 'c');
  vi.mocked(mkdir).mockClear();
  await Promise.all(Array.from({ length: 20 }, () => makeFolder(folder)));
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  expect((await stat(dirname(folder))).mode & 0o777).toBe(0o700);
  // More than one of them found it missing, or this would show nothing.
  expect(vi.mocked(mkdir).mock.calls.length).toBeGreaterThan(3);
});

it('makes no folder below a file', async () => {
  const file = join(await newFolder(), 'file');
  await writeFile(file, '');
  await expect(makeFolder(join(file, 'folder'))).rejects.toThrow('ENOTDIR');
  await expect(locate(join(file, 'token.json'))).rejects.toThrow('ENOTDIR');
});

it('makes nothing, nor tries to, where the folder is there', async () => {
  const folder = await newFolder();
  vi.mocked(mkdir).mockClear();
  await makeFolder(folder);
  expect(mkdir).not.toHaveBeenCalled();
});

it('ends at a root that is not there, as a missing drive of Windows', async () => {
  const missing = Object.assign(new Error('no such drive'), { code: 'ENOENT' });
  const { root } = parse(process.cwd());
  const folder = join(root, 'tt-token-manager-missing');
  vi.mocked(stat).mockClear().mockRejectedValueOnce(missing).mockRejectedValueOnce(missing);
  vi.mocked(mkdir).mockRejectedValueOnce(missing);
  await expect(makeFolder(folder)).rejects.toBe(missing);
  expect(vi.mocked(stat).mock.calls).toEqual([[folder], [root]]);
});

it('knows an error by its code', () => {
  const error = Object.assign(new Error('gone'), { code: 'ENOENT' });
  expect(hasCode(error, 'EEXIST', 'ENOENT')).toBe(true);
  expect(hasCode(error, 'EEXIST')).toBe(false);
  expect(hasCode(new Error('ENOENT'), 'ENOENT')).toBe(false);
});
