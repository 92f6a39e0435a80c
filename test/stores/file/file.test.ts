import { execFileSync } from 'node:child_process';
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  fileStore,
  type StoredRecord,
  type StoreIdentity,
  type StoreSession,
} from '../../../src/index.js';
import { itKeepsTheStoreContract } from '../store-contract.js';

const identity: StoreIdentity = {
  environment: 'UAT',
  baseUrl: 'https://tt.example/',
  keyFingerprint: '0123456789abcdef',
};
const record: StoredRecord = { version: 1, ...identity };

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tt-token-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

function openAt(path: string): StoreSession {
  return fileStore({ path }).open(identity);
}

itKeepsTheStoreContract(async () => {
  const path = join(await newFolder(), 'token.json');
  return { open: () => fileStore({ path }) };
});

describe('the token file', () => {
  it('is private, in a private folder that the store makes, and nothing else is left', async () => {
    const path = join(await newFolder(), 'a', 'b', 'token.json');
    const store = openAt(path);
    const lease = await store.acquire();
    await lease?.write(record);
    await lease?.release();
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(dirname(path))).mode & 0o777).toBe(0o700);
    expect((await stat(dirname(dirname(path)))).mode & 0o777).toBe(0o700);
    expect(await readdir(dirname(path))).toEqual(['token.json']);
  });

  it('ends private even if it was readable for everybody, in a folder that keeps its mode', async () => {
    const folder = await newFolder();
    const path = join(folder, 'token.json');
    await chmod(folder, 0o755);
    await writeFile(path, '{}', { mode: 0o644 });
    await openAt(path).write(record);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o755);
  });

  it.each([
    ['empty', ''],
    ['cut off', JSON.stringify(record).slice(0, 20)],
    ['no JSON', 'once upon a time'],
    ['binary', Buffer.from([0, 255, 254, 1]).toString('latin1')],
  ])('counts as none when it is %s, and is replaced', async (_, text) => {
    const path = join(await newFolder(), 'token.json');
    await writeFile(path, text);
    const store = openAt(path);
    expect(await store.read()).toBeUndefined();
    await store.write(record);
    expect(await store.read()).toEqual(record);
  });

  it('counts as none when it is far too large, without being read', async () => {
    const path = join(await newFolder(), 'token.json');
    await writeFile(path, JSON.stringify(record));
    await truncate(path, 8_000_000_000);
    expect(await openAt(path).read()).toBeUndefined();
  });

  it('stays a symbolic link, and its target is replaced', async () => {
    const folder = await newFolder();
    await mkdir(join(folder, 'real'));
    await writeFile(join(folder, 'real', 'file.json'), '');
    const path = join(folder, 'token.json');
    await symlink(join('real', 'file.json'), path);
    await openAt(path).write(record);
    expect(await readlink(path)).toBe(join('real', 'file.json'));
    expect(JSON.parse(await readFile(join(folder, 'real', 'file.json'), 'utf8'))).toEqual(record);
    expect((await lstat(join(folder, 'real', 'file.json'))).isFile()).toBe(true);
  });

  it('is made where a dangling symbolic link points, and locked under one name for all', async () => {
    const folder = await newFolder();
    const path = join(folder, 'token.json');
    await symlink('link-2', path);
    await symlink('target.json', join(folder, 'link-2'));
    const lease = await openAt(path).acquire();
    expect(await openAt(join(folder, 'target.json')).acquire()).toBeUndefined();
    expect(await lease?.write(record)).toBe(true);
    await lease?.release();
    expect((await readdir(folder)).sort()).toEqual(['link-2', 'target.json', 'token.json']);
  });

  it('is refused when its links go round in a circle', async () => {
    const folder = await newFolder();
    await symlink('b', join(folder, 'a'));
    await symlink('a', join(folder, 'b'));
    await expect(openAt(join(folder, 'a')).read()).rejects.toThrow();
  });

  it.each(['folder', 'FIFO', 'device'])(
    'is neither read nor replaced nor locked when it is a %s',
    async (kind) => {
      const folder = await newFolder();
      const path = kind === 'device' ? '/dev/null' : join(folder, 'token.json');
      if (kind === 'folder') await mkdir(path);
      if (kind === 'FIFO') execFileSync('mkfifo', [path]);
      const store = openAt(path);
      await expect(store.read()).rejects.toThrow('is not a regular file');
      await expect(store.write(record)).rejects.toThrow('is not a regular file');
      await expect(store.acquire()).rejects.toThrow('is not a regular file');
      expect((await stat(path)).isFile()).toBe(false);
      expect(await readdir(folder)).toHaveLength(kind === 'device' ? 0 : 1);
    },
  );

  it('never hangs where folders cannot be made', async () => {
    const store = openAt('/proc/nope/deeper/token.json');
    expect(await store.read()).toBeUndefined();
    await expect(store.acquire()).rejects.toThrow();
    await expect(store.write(record)).rejects.toThrow();
  });

  it('is whole at every moment while it is replaced again and again', async () => {
    const path = join(await newFolder(), 'token.json');
    const store = openAt(path);
    const texts = ['a', 'b'].map((letter) => letter.repeat(8_000));
    const recordOf = (accessToken = ''): StoredRecord => ({
      ...record,
      token: { accessToken, tokenType: 'bearer', obtainedAt: 1, expiresAt: 2 },
    });
    await store.write(recordOf(texts[0]));
    const writer = (async () => {
      for (let turn = 0; turn < 200; turn++) await store.write(recordOf(texts[turn % 2]));
    })();
    for (let reads = 0; reads < 400; reads++) {
      const read = (await store.read()) as StoredRecord;
      expect(texts).toContain(read.token?.accessToken);
    }
    await writer;
  });
});
