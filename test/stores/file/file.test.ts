import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmod,
  chown,
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
  type FileStoreOptions,
  type StoreIdentity,
  type StoreSession,
} from '../../../src/index.js';
import {
  currentProcess,
  type ProcessIdentity,
} from '../../../src/stores/file/lock/process-identity.js';
import { itKeepsTheStoreContract } from '../store-contract.js';
import { itOn } from '../../helpers/systems.js';

const identity: StoreIdentity = {
  environment: 'UAT',
  baseUrl: 'https://tt.example/',
  keyFingerprint: '0123456789abcdef',
};
const text = '{"version":1}';
const life = { lifeMs: 60_000 };

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tt-token-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

function openAt(path: string): StoreSession {
  return fileStore({ path }).open(identity);
}

describe('a store in a file', () => {
  let path = '';

  /** Takes the lock in a process that then kills itself. */
  const dies = `
    const [path, identity] = process.argv.slice(1);
    const { fileStore } = require('./dist/index.cjs');
    const session = fileStore({ path }).open(JSON.parse(identity));
    session.acquire().then(() => process.kill(process.pid, 'SIGKILL'));`;

  itKeepsTheStoreContract(
    async () => {
      path = join(await newFolder(), 'token.json');
      return fileStore({ path });
    },
    {
      async leaveDeadHolder(of) {
        const parameters = ['--eval', dies, path, JSON.stringify(of)];
        // Windows tells no signal.
        expect(spawnSync(process.execPath, parameters).status).not.toBe(0);
        expect(await readdir(`${path}.lock`)).toHaveLength(1);
      },
      // A dead process of this host is seen at the first look; a busy machine may come to that late.
      deadHolderCostsMs: 1_000,
      breakLease: () => rm(`${path}.lock`, { recursive: true }),
    },
  );
});

describe('the token file', () => {
  itOn('posix')(
    'is private, in a private folder that the store makes, and nothing else is left',
    async () => {
      const path = join(await newFolder(), 'a', 'b', 'token.json');
      const store = openAt(path);
      const lease = await store.acquire();
      await lease?.write(text, life);
      await lease?.release();
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      expect((await stat(dirname(path))).mode & 0o777).toBe(0o700);
      expect((await stat(dirname(dirname(path)))).mode & 0o777).toBe(0o700);
      expect(await readdir(dirname(path))).toEqual(['token.json']);
    },
  );

  itOn('posix')(
    'ends private even if it was readable for everybody, in a folder that keeps its mode',
    async () => {
      const folder = await newFolder();
      const path = join(folder, 'token.json');
      await chmod(folder, 0o755);
      await writeFile(path, '{}', { mode: 0o644 });
      await openAt(path).write(text, life);
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      expect((await stat(folder)).mode & 0o777).toBe(0o755);
    },
  );

  it.each([
    ['empty', ''],
    ['of 16 KB', 'x'.repeat(16_384)],
    ['no JSON', 'once upon a time'],
    ['not of this alphabet', '\u0000 \n \ud83d\udd11 \u00e9'],
  ])('gives its text as it was written, where that is %s', async (_, written) => {
    const store = openAt(join(await newFolder(), 'token.json'));
    await store.write(written, life);
    expect(await store.read()).toBe(written);
  });

  it('counts as none when it is far too large, without being read', async () => {
    const path = join(await newFolder(), 'token.json');
    await writeFile(path, text);
    await truncate(path, 8_000_000_000);
    expect(await openAt(path).read()).toBeUndefined();
  });

  itOn('posix')('stays a symbolic link, and its target is replaced', async () => {
    const folder = await newFolder();
    await mkdir(join(folder, 'real'));
    await writeFile(join(folder, 'real', 'file.json'), '');
    const path = join(folder, 'token.json');
    await symlink(join('real', 'file.json'), path);
    await openAt(path).write(text, life);
    expect(await readlink(path)).toBe(join('real', 'file.json'));
    expect(await readFile(join(folder, 'real', 'file.json'), 'utf8')).toBe(text);
    expect((await lstat(join(folder, 'real', 'file.json'))).isFile()).toBe(true);
  });

  itOn('posix')(
    'is made where a dangling symbolic link points, and locked under one name for all',
    async () => {
      const folder = await newFolder();
      const path = join(folder, 'token.json');
      await symlink('link-2', path);
      await symlink('target.json', join(folder, 'link-2'));
      const lease = await openAt(path).acquire();
      expect(await openAt(join(folder, 'target.json')).acquire()).toBeUndefined();
      expect(await lease?.write(text, life)).toBe(true);
      await lease?.release();
      expect((await readdir(folder)).sort()).toEqual(['link-2', 'target.json', 'token.json']);
    },
  );

  itOn('posix')('is refused when its links go round in a circle', async () => {
    const folder = await newFolder();
    await symlink('b', join(folder, 'a'));
    await symlink('a', join(folder, 'b'));
    await expect(openAt(join(folder, 'a')).read()).rejects.toThrow();
  });

  itOn('posix').each(['folder', 'FIFO', 'device'])(
    'is neither read nor replaced nor locked when it is a %s',
    async (kind) => {
      const folder = await newFolder();
      const path = kind === 'device' ? '/dev/null' : join(folder, 'token.json');
      if (kind === 'folder') await mkdir(path);
      if (kind === 'FIFO') execFileSync('mkfifo', [path]);
      const store = openAt(path);
      await expect(store.read()).rejects.toThrow('is not a regular file');
      await expect(store.write(text, life)).rejects.toThrow('is not a regular file');
      await expect(store.acquire()).rejects.toThrow('is not a regular file');
      expect((await stat(path)).isFile()).toBe(false);
      expect(await readdir(folder)).toHaveLength(kind === 'device' ? 0 : 1);
    },
  );

  itOn('linux')('never hangs where folders cannot be made', async () => {
    const store = openAt('/proc/nope/deeper/token.json');
    expect(await store.read()).toBeUndefined();
    await expect(store.acquire()).rejects.toThrow();
    await expect(store.write(text, life)).rejects.toThrow();
  });

  it('is whole at every moment while it is replaced again and again', async () => {
    const path = join(await newFolder(), 'token.json');
    const store = openAt(path);
    const texts = ['a', 'b'].map((letter) => letter.repeat(8_000));
    const textOf = (turn: number): string => texts[turn % 2] ?? '';
    await store.write(textOf(0), life);
    const writer = (async () => {
      for (let turn = 0; turn < 200; turn++) await store.write(textOf(turn), life);
    })();
    for (let reads = 0; reads < 400; reads++) expect(texts).toContain(await store.read());
    await writer;
  });
});

describe('the temporary file of a writer that died', () => {
  /** Its name beside a token file, in a folder that is made for it. */
  async function leaveTemporary(changes: Partial<ProcessIdentity> = {}) {
    const folder = await newFolder();
    const { pid } = spawnSync(process.execPath, ['--version']);
    const { startedAt, host, ...own } = { ...currentProcess(), pid, ...changes };
    const name = `token.json.${['a'.repeat(24), own.pid, startedAt, host].join('.')}.tmp`;
    await writeFile(join(folder, name), 'half a rec');
    return { folder, name, path: join(folder, 'token.json') };
  }

  it('is removed by the next write, with a lease and without', async () => {
    const one = await leaveTemporary();
    await openAt(one.path).write(text, life);
    expect(await readdir(one.folder)).toEqual(['token.json']);
    const other = await leaveTemporary();
    const lease = await openAt(other.path).acquire();
    expect(await lease?.write(text, life)).toBe(true);
    await lease?.release();
    expect(await readdir(other.folder)).toEqual(['token.json']);
  });

  it.each([
    ['of a process that lives', { pid: process.pid }],
    ['of another host', { host: '0123456789ab' }],
  ])('stays where it is that %s', async (_, changes) => {
    const { folder, name, path } = await leaveTemporary(changes);
    await openAt(path).write(text, life);
    expect(await readdir(folder)).toEqual(['token.json', name]);
  });

  it('is the only file that goes', async () => {
    const { folder, name, path } = await leaveTemporary();
    const others = ['token.json.download.tmp', name.replace('token', 'other'), `${name}.gz`];
    for (const other of others) await writeFile(join(folder, other), 'of another');
    await openAt(path).write(text, life);
    expect((await readdir(folder)).sort()).toEqual(['token.json', ...others].sort());
  });

  it.runIf(process.getuid?.() === 0)('may stay where the folder cannot be listed', async () => {
    const { folder, path } = await leaveTemporary();
    await chown(folder, 65_534, 65_534);
    await chmod(folder, 0o300);
    process.seteuid?.(65_534);
    try {
      const lease = await openAt(path).acquire();
      expect(await lease?.write(text, life)).toBe(true);
      await lease?.release();
      await openAt(path).write(text, life);
    } finally {
      process.seteuid?.(0);
    }
    expect(await readdir(folder)).toHaveLength(2);
  });
});

it.each([undefined, null, 7, '/tmp/token.json', {}, { path: undefined }, { path: 7 }])(
  'names what is missing when a store is made of %j',
  (options) => {
    const make = () => fileStore(options as unknown as FileStoreOptions);
    expect(make).toThrow(TypeError);
    expect(make).toThrow(/path/);
  },
);
