import {
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { readTextFile, replaceFile } from '../../../src/stores/file/atomic-file.js';
import { itOn } from '../../helpers/systems.js';

vi.mock('node:fs/promises', async (importOriginal) => {
  const original = await importOriginal<typeof import('node:fs/promises')>();
  const { open, rename, rm } = original;
  return { ...original, open: vi.fn(open), rename: vi.fn(rename), rm: vi.fn(rm) };
});
const real = await vi.importActual<typeof import('node:fs/promises')>('node:fs/promises');

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tt-token-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  onTestFinished(() => void vi.mocked(open).mockImplementation(real.open));
  return folder;
}

/** Opens files as ever, and folders as a test wants it. */
function openFolders(openFolder: (folder: string) => Promise<FileHandle>): void {
  vi.mocked(open).mockImplementation((path, flags, mode) =>
    flags === 'r' ? openFolder(path as string) : real.open(path, flags, mode),
  );
}

const refused = Object.assign(new Error('not supported'), { code: 'EINVAL' });

it('leaves the old file, and no other, when the replacement is not confirmed', async () => {
  const folder = await newFolder();
  const file = join(folder, 'token.json');
  await writeFile(file, 'old');
  const seen: string[][] = [];
  const temporary = join(folder, 'new.tmp');
  const confirm = async (): Promise<boolean> => {
    seen.push(await readdir(folder), [await readFile(temporary, 'utf8')]);
    return false;
  };
  expect(await replaceFile(file, 'new', { confirm, temporary })).toBe(false);
  expect(seen).toEqual([['new.tmp', 'token.json'], ['new']]);
  expect(await readFile(file, 'utf8')).toBe('old');
  expect(await readdir(folder)).toEqual(['token.json']);
});

it('is no failure because its temporary file cannot be removed', async () => {
  const folder = await newFolder();
  const file = join(folder, 'token.json');
  vi.mocked(rm).mockRejectedValueOnce(refused);
  expect(await replaceFile(file, 'new')).toBe(true);
  expect(await readdir(folder)).toEqual(['token.json']);
});

itOn('posix')('makes the new name durable, by a sync of the folder after it', async () => {
  const folder = await newFolder();
  const file = join(folder, 'token.json');
  const steps: string[] = [];
  openFolders(async (path) => {
    const handle = await real.open(path, 'r');
    const sync = handle.sync.bind(handle);
    handle.sync = async () => {
      steps.push(path, await readFile(file, 'utf8'));
      await sync();
    };
    return handle;
  });
  expect(await replaceFile(file, 'new')).toBe(true);
  expect(steps).toEqual([folder, 'new']);
});

it('replaces the file where a folder cannot be opened', async () => {
  const file = join(await newFolder(), 'token.json');
  openFolders(() => Promise.reject(refused));
  expect(await replaceFile(file, 'new')).toBe(true);
  expect(await readFile(file, 'utf8')).toBe('new');
});

it('replaces the file where a folder cannot be synced, and closes the folder', async () => {
  const folder = await newFolder();
  const file = join(folder, 'token.json');
  const handles: FileHandle[] = [];
  openFolders(async (path) => {
    const handle = await real.open(path, 'r');
    handles.push(handle);
    handle.sync = () => Promise.reject(refused);
    return handle;
  });
  expect(await replaceFile(file, 'new')).toBe(true);
  expect(await readFile(file, 'utf8')).toBe('new');
  expect(handles.map(({ fd }) => fd)).toEqual([-1]);
});

itOn('posix')(
  'has no file where there is none, and an error where it cannot be opened',
  async () => {
    const folder = await newFolder();
    expect(await readTextFile(join(folder, 'token.json'))).toBeUndefined();
    await writeFile(join(folder, 'file'), '');
    await expect(readTextFile(join(folder, 'file', 'token.json'))).rejects.toThrow('ENOTDIR');
  },
);

/** Opens files whose sync ends as a test wants it. */
function syncWith(sync: () => Promise<void>): void {
  vi.mocked(open).mockImplementation(async (path, flags, mode) =>
    Object.assign(await real.open(path, flags, mode), { sync }),
  );
}

it.each([
  [
    'throws at once',
    () => {
      throw new Error('Method not implemented.');
    },
  ],
  [
    'is denied',
    () => Promise.reject(Object.assign(new Error('denied'), { code: 'ERR_ACCESS_DENIED' })),
  ],
  ['is not supported', () => Promise.reject(refused)],
])('replaces the file where a sync %s', async (_, sync) => {
  const folder = await newFolder();
  const file = join(folder, 'token.json');
  syncWith(sync);
  expect(await replaceFile(file, 'new')).toBe(true);
  expect(await readFile(file, 'utf8')).toBe('new');
  expect(await readdir(folder)).toEqual(['token.json']);
});

it.each(['ENOSPC', 'EDQUOT', 'EIO'])('keeps the old file where a sync says %s', async (code) => {
  const folder = await newFolder();
  const file = join(folder, 'token.json');
  await writeFile(file, 'old');
  syncWith(() => Promise.reject(Object.assign(new Error('not written'), { code })));
  await expect(replaceFile(file, 'new')).rejects.toMatchObject({ code });
  expect(await readFile(file, 'utf8')).toBe('old');
  expect(await readdir(folder)).toEqual(['token.json']);
});

itOn('posix').each([0o177, 0o777, 0])('makes a file of mode 0600 with umask %o', async (umask) => {
  const file = join(await newFolder(), 'token.json');
  const before = process.umask(umask);
  onTestFinished(() => void process.umask(before));
  await replaceFile(file, 'new');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

itOn('posix').each(['EBUSY', 'EXDEV'])(
  'says to mount the folder where a rename ends with %s',
  async (code) => {
    const folder = await newFolder();
    const file = join(folder, 'token.json');
    vi.mocked(rename).mockRejectedValueOnce(Object.assign(new Error('busy'), { code }));
    const said = { code, message: expect.stringMatching(`${code}.*mount its folder`) as string };
    await expect(replaceFile(file, 'new')).rejects.toMatchObject(said);
    expect(await readdir(folder)).toEqual([]);
  },
);

itOn('posix')('reads no file through a link that has come into its place', async () => {
  const folder = await newFolder();
  await writeFile(join(folder, 'target'), 'text');
  await symlink('target', join(folder, 'token.json'));
  await expect(readTextFile(join(folder, 'token.json'))).rejects.toMatchObject({ code: 'ELOOP' });
});

it('reads nothing that has come into the place of the file and is none', async () => {
  const folder = await newFolder();
  await expect(readTextFile(folder)).rejects.toThrow('is not a regular file');
});
