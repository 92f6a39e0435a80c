import { lchown, mkdir, mkdtemp, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, parse } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { hasCode } from '../../../src/stores/file/file-errors.js';
import { locate, makeFolder } from '../../../src/stores/file/location.js';
import { itOn } from '../../helpers/systems.js';

vi.mock('node:fs/promises', async (importOriginal) => {
  const original = await importOriginal<typeof import('node:fs/promises')>();
  return { ...original, mkdir: vi.fn(original.mkdir), stat: vi.fn(original.stat) };
});

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tt-token-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

itOn('posix')('makes folders that others make at the same time', async () => {
  const folder = join(await newFolder(), 'a', 'b', 'c');
  vi.mocked(mkdir).mockClear();
  await Promise.all(Array.from({ length: 20 }, () => makeFolder(folder)));
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  expect((await stat(dirname(folder))).mode & 0o777).toBe(0o700);
  // More than one of them found it missing, or this would show nothing.
  expect(vi.mocked(mkdir).mock.calls.length).toBeGreaterThan(3);
});

it('finds no file in the place of the root', async () => {
  await expect(locate(parse(tmpdir()).root)).rejects.toThrow('is not a regular file');
});

itOn('posix')('makes no folder below a file', async () => {
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

itOn('posix').each([0o177, 0o777])('makes folders of mode 0700 with umask %o', async (umask) => {
  const folder = join(await newFolder(), 'a', 'b');
  const before = process.umask(umask);
  onTestFinished(() => void process.umask(before));
  await makeFolder(folder);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  expect((await stat(dirname(folder))).mode & 0o777).toBe(0o700);
});

itOn('posix')(
  'finds the file behind links of folders, one of them relative and one of them up',
  async () => {
    const folder = await realpath(await newFolder());
    await mkdir(join(folder, 'a', 'b'), { recursive: true });
    await symlink(join('a', 'b'), join(folder, 'link'));
    await symlink(join('..', '..', 'token.json'), join(folder, 'a', 'b', 'up'));
    expect((await locate(join(folder, 'link', 'new.json'))).file).toBe(
      join(folder, 'a', 'b', 'new.json'),
    );
    expect((await locate(join(folder, 'link', 'up'))).file).toBe(join(folder, 'token.json'));
    expect((await locate(join(folder, 'link', 'c', 'd'))).file).toBe(
      join(folder, 'a', 'b', 'c', 'd'),
    );
  },
);

describe.runIf(process.getuid?.() === 0)('a link of another user', () => {
  it.each(['token.json', 'folder'])(
    'is not followed where it is the %s of the path',
    async (name) => {
      const folder = await newFolder();
      const link = join(folder, name);
      await symlink(await newFolder(), link);
      await lchown(link, 65_534, 65_534);
      const path = name === 'folder' ? join(link, 'token.json') : link;
      const said = { code: 'EPERM', message: expect.stringContaining('another user') as string };
      await expect(locate(path)).rejects.toMatchObject(said);
    },
  );
});

itOn('posix')('finds a file behind a link whose target goes up from another link', async () => {
  const folder = await realpath(await newFolder());
  await mkdir(join(folder, 'far', 'deep'), { recursive: true });
  await symlink(join('far', 'deep'), join(folder, 'link'));
  await symlink('link/../token.json', join(folder, 'up'));
  expect((await locate(join(folder, 'up'))).file).toBe(join(folder, 'far', 'token.json'));
});

itOn('posix')(
  'follows an absolute link, and keeps to the path where there is no folder yet',
  async () => {
    const folder = await realpath(await newFolder());
    await symlink(join(folder, 'new.json'), join(folder, 'token.json'));
    expect((await locate(join(folder, 'token.json'))).file).toBe(join(folder, 'new.json'));
    const missing = join(parse(folder).root, 'tt-token-manager-missing', 'token.json');
    expect((await locate(missing)).file).toBe(missing);
  },
);
