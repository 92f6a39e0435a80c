import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmdirSync, rmSync, unlinkSync } from 'node:fs';
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  rmdir,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  fileStore,
  type StoreIdentity,
  type StoreLease,
  type StoreSession,
} from '../../../../src/index.js';
import { currentProcess } from '../../../../src/stores/file/lock/process-identity.js';
import { itOn } from '../../../helpers/systems.js';

vi.mock('node:fs/promises', async (importOriginal) => {
  const original = await importOriginal<typeof import('node:fs/promises')>();
  const { chmod, open, lstat, rename, rm, rmdir, readdir } = original;
  const spied = { chmod, open, lstat, rename, rm, rmdir, readdir };
  const spies = Object.entries(spied).map(([name, call]) => [name, vi.fn(call as () => unknown)]);
  return { ...original, ...(Object.fromEntries(spies) as object) };
});
const real = await vi.importActual<typeof import('node:fs/promises')>('node:fs/promises');

const identity: StoreIdentity = {
  environment: 'UAT',
  baseUrl: 'https://tt.example/',
  keyFingerprint: '0123456789abcdef',
};
const text = '{"version":1}';
const anotherText = '{"version":2}';
const life = { lifeMs: 60_000 };
const root = fileURLToPath(new URL('../..', import.meta.url));
const elsewhere = '0123456789ab';

afterEach(() => {
  vi.useRealTimers();
  vi.clearAllMocks();
});

async function newPath(name = 'token.json'): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tt-token-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, name);
}

function openAt(path: string): StoreSession {
  return fileStore({ path }).open(identity);
}

async function acquired(path: string): Promise<StoreLease> {
  const lease = await openAt(path).acquire();
  if (!lease) throw new Error('the lock is not free');
  onTestFinished(() => lease.release().catch(() => undefined));
  return lease;
}

/** The names in the folder of a token file. */
async function namesBeside(path: string): Promise<string[]> {
  return (await readdir(dirname(path))).sort();
}

/** The names in its lock folder. */
async function namesIn(path: string): Promise<string[]> {
  return (await readdir(`${path}.lock`)).sort();
}

let names = 0;

/** The name of a holder that has just died, or is another one. */
function nameOf(changes: { pid?: number; host?: string } = {}): string {
  const dead = spawnSync(process.execPath, ['--version']).pid;
  const { pid, startedAt, host } = { ...currentProcess(), pid: dead, ...changes };
  return [String(++names).padStart(24, 'a'), pid, startedAt, host].join('.');
}

/** Makes the lock of such a holder by hand. */
async function makeLock(path: string, changes: { pid?: number; host?: string } = {}) {
  const name = nameOf(changes);
  await mkdir(`${path}.lock`);
  await writeFile(join(`${path}.lock`, name), '');
  return name;
}

/** Lets a process take the lock and die with it. */
async function dieWithLock(path: string): Promise<void> {
  const script = `
    import { fileStore } from 'tt-token-manager';
    await fileStore(${JSON.stringify({ path })}).open(${JSON.stringify(identity)}).acquire();
    process.kill(process.pid, 'SIGKILL');`;
  await new Promise((resolve) => {
    execFile(process.execPath, ['--input-type=module', '--eval', script], { cwd: root }, resolve);
  });
}

/** The listeners that came since for the end of the process. */
function watchExitListeners(): () => ((code: number) => void)[] {
  const before = process.listeners('exit');
  return () => process.listeners('exit').filter((listener) => !before.includes(listener));
}

describe('the lock', () => {
  itOn('posix')('is a private folder with one empty entry that names its holder', async () => {
    const path = await newPath();
    const before = process.umask(0o177);
    onTestFinished(() => void process.umask(before));
    const lease = await acquired(path);
    expect((await stat(`${path}.lock`)).mode & 0o777).toBe(0o700);
    const [entry = '', ...others] = await namesIn(path);
    const { pid, startedAt, host } = currentProcess();
    expect(entry).toMatch(/^[\da-f]{24}\./);
    expect(entry.split('.').slice(1)).toEqual([String(pid), startedAt, host]);
    expect(others).toEqual([]);
    expect(await readFile(join(`${path}.lock`, entry), 'utf8')).toBe('');
    await lease.release();
    expect(await namesBeside(path)).toEqual([]);
  });

  it('has another name each time', async () => {
    const path = await newPath();
    const first = await acquired(path);
    const [name] = await namesIn(path);
    await first.release();
    await acquired(path);
    expect(await namesIn(path)).not.toEqual([name]);
  });

  it('is not taken from a holder that lives, whatever the times on it', async () => {
    const path = await newPath();
    await acquired(path);
    await utimes(`${path}.lock`, new Date(0), new Date(0));
    expect(await openAt(path).acquire()).toBeUndefined();
    await utimes(`${path}.lock`, new Date(1e13), new Date(1e13));
    expect(await openAt(path).acquire()).toBeUndefined();
  });

  it('is lost when its folder is removed: nothing is written under it, and its release harms nobody', async () => {
    const path = await newPath();
    const late = await acquired(path);
    await rm(`${path}.lock`, { recursive: true });
    const current = await acquired(path);
    expect(await late.write(text, life)).toBe(false);
    await late.release();
    expect(await openAt(path).acquire()).toBeUndefined();
    await current.release();
    expect(await namesBeside(path)).toEqual([]);
  });

  it('is lost when another takes its entry over, which nothing of it disturbs', async () => {
    const path = await newPath();
    const late = await acquired(path);
    const [name = ''] = await namesIn(path);
    const next = nameOf({ pid: process.pid });
    await rename(join(`${path}.lock`, name), join(`${path}.lock`, next));
    expect(await late.write(text, life)).toBe(false);
    await late.release();
    expect(await namesIn(path)).toEqual([next]);
    expect(await namesBeside(path)).toEqual(['token.json.lock']);
  });

  itOn('posix')('fails where no lock can be made, and where none can be looked at', async () => {
    const path = await newPath('file');
    await writeFile(path, '');
    await expect(openAt(join(path, 'token.json')).acquire()).rejects.toThrow('ENOTDIR');
    const denied = Object.assign(new Error('denied'), { code: 'EACCES' });
    vi.mocked(chmod).mockClear();
    const other = await newPath();
    await mkdir(`${other}.lock`);
    vi.mocked(readdir).mockRejectedValueOnce(denied);
    await expect(openAt(other).acquire()).rejects.toBe(denied);
  });
});

describe('a process that takes the lock', () => {
  /** Lets something happen when the lock folder has been made, before the entry is in it. */
  function whenFolderIsMade(act: (lock: string) => Promise<void>): void {
    vi.mocked(chmod).mockImplementationOnce(async (lock) => act(lock as string));
  }

  it('takes its entry back when another has one by now, and leaves it to that one', async () => {
    const path = await newPath();
    const other = nameOf({ pid: process.pid });
    whenFolderIsMade((lock) => writeFile(join(lock, other), ''));
    expect(await openAt(path).acquire()).toBeUndefined();
    expect(await namesIn(path)).toEqual([other]);
  });

  it('has no lock when the folder has gone by now', async () => {
    const path = await newPath();
    whenFolderIsMade((lock) => real.rmdir(lock));
    expect(await openAt(path).acquire()).toBeUndefined();
    expect(await namesBeside(path)).toEqual([]);
  });

  it('has no lock when the folder goes, or its entry, once it has added it', async () => {
    const path = await newPath();
    vi.mocked(readdir).mockImplementationOnce((async (lock: string) => {
      await real.rm(lock, { recursive: true });
      return real.readdir(lock);
    }) as unknown as typeof readdir);
    expect(await openAt(path).acquire()).toBeUndefined();
    vi.mocked(readdir).mockImplementationOnce((async (lock: string) => {
      for (const name of await real.readdir(lock)) await real.unlink(join(lock, name));
      return real.readdir(lock);
    }) as unknown as typeof readdir);
    expect(await openAt(path).acquire()).toBeUndefined();
    expect(await namesBeside(path)).toEqual(['token.json.lock']);
  });

  itOn('posix')(
    'has no lock when a file of another program is in its place by now, which stays',
    async () => {
      const path = await newPath();
      whenFolderIsMade(async (lock) => {
        await real.rmdir(lock);
        await writeFile(lock, 'of another');
      });
      await expect(openAt(path).acquire()).rejects.toMatchObject({ code: 'ENOTDIR' });
      expect(await readFile(`${path}.lock`, 'utf8')).toBe('of another');
    },
  );

  it('leaves no folder behind when it can add no entry', async () => {
    const path = await newPath();
    const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    vi.mocked(open).mockRejectedValueOnce(full);
    await expect(openAt(path).acquire()).rejects.toBe(full);
    expect(await namesBeside(path)).toEqual([]);
  });

  it('leaves nothing behind when the lock cannot be touched', async () => {
    const path = await newPath();
    const refused = Object.assign(new Error('refused'), { code: 'EIO' });
    vi.mocked(lstat).mockImplementation(((place: string) =>
      place.includes('.lock/')
        ? Promise.reject(refused)
        : real.lstat(place)) as unknown as typeof lstat);
    onTestFinished(() => void vi.mocked(lstat).mockImplementation(real.lstat));
    await expect(openAt(path).acquire()).rejects.toBe(refused);
    expect(await namesBeside(path)).toEqual([]);
  });

  it('is one of many', async () => {
    const path = await newPath();
    const all = await Promise.all(Array.from({ length: 16 }, () => openAt(path).acquire()));
    const leases = all.filter((lease) => lease !== undefined);
    expect(leases).toHaveLength(1);
    await leases[0]?.release();
    expect(await namesBeside(path)).toEqual([]);
  });
});

describe('the lock of a dead process', () => {
  it('is taken over at once, with the temporary file that it left', async () => {
    const path = await newPath();
    await dieWithLock(path);
    const [dead = ''] = await namesIn(path);
    await writeFile(join(`${path}.lock`, `${dead}.tmp`), 'half a rec');
    const takeovers: string[] = [];
    const lease = await openAt(path).acquire((ownerState) => void takeovers.push(ownerState));
    expect(takeovers).toEqual(['dead']);
    expect(await namesIn(path)).toHaveLength(1);
    expect(await namesIn(path)).not.toContain(dead);
    expect(await lease?.write(text, life)).toBe(true);
    await lease?.release();
    expect(await namesBeside(path)).toEqual(['token.json']);
  });

  it('is taken over by one of many, who alone tells of it', async () => {
    const path = await newPath();
    await makeLock(path);
    const takeovers: string[] = [];
    const acquire = () => openAt(path).acquire((ownerState) => void takeovers.push(ownerState));
    const leases = (await Promise.all(Array.from({ length: 8 }, acquire))).filter(Boolean);
    expect(leases).toHaveLength(1);
    expect(takeovers).toEqual(['dead']);
    await leases[0]?.release();
    expect(await namesBeside(path)).toEqual([]);
  });

  it('is left to the process that has taken it over since it was looked at', async () => {
    const path = await newPath();
    const dead = await makeLock(path);
    const winner = nameOf({ pid: process.pid });
    vi.mocked(rename).mockImplementationOnce(async (from, to) => {
      await real.rename(join(`${path}.lock`, dead), join(`${path}.lock`, winner));
      return real.rename(from, to);
    });
    const takeovers: string[] = [];
    const acquire = openAt(path).acquire((ownerState) => void takeovers.push(ownerState));
    expect(await acquire).toBeUndefined();
    expect(takeovers).toEqual([]);
    expect(await namesIn(path)).toEqual([winner]);
  });

  it('is not taken where it cannot be renamed, nor where a temporary file cannot be removed', async () => {
    const path = await newPath();
    const dead = await makeLock(path);
    await writeFile(join(`${path}.lock`, `${dead}.tmp`), 'half a rec');
    const refused = Object.assign(new Error('refused'), { code: 'EIO' });
    vi.mocked(rename).mockRejectedValueOnce(refused);
    await expect(openAt(path).acquire()).rejects.toBe(refused);
    expect(await namesIn(path)).toContain(dead);
    vi.mocked(rm).mockRejectedValueOnce(refused);
    await expect(openAt(path).acquire()).rejects.toBe(refused);
    expect(await namesIn(path)).toEqual([`${dead}.tmp`]);
  });

  it('goes first, when one that lives is about to take the lock as well', async () => {
    const path = await newPath();
    await makeLock(path);
    const living = nameOf({ pid: process.pid });
    await writeFile(join(`${path}.lock`, living), '');
    expect(await openAt(path).acquire()).toBeUndefined();
    expect(await namesIn(path)).toEqual([living]);
  });
});

describe('a holder of whose process nothing is known', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));

  /** Looks once a second; returns after how many looks the lock was given, and what was said of its holder. */
  async function looksUntilTaken(
    path: string,
    most: number,
    between: () => Promise<unknown> = () => Promise.resolve(),
  ) {
    const session = openAt(path);
    const takeovers: string[] = [];
    for (let looks = 1; looks <= most; looks++) {
      const lease = await session.acquire((ownerState) => void takeovers.push(ownerState));
      if (lease) {
        await lease.release();
        return { looks, takeovers };
      }
      vi.advanceTimersByTime(1_000);
      await between();
    }
    return undefined;
  }

  it('is taken over when it has shown no life for more than 5 s', async () => {
    const path = await newPath();
    await makeLock(path, { host: elsewhere });
    expect(await looksUntilTaken(path, 20)).toEqual({ looks: 7, takeovers: ['silent'] });
    expect(await namesBeside(path)).toEqual([]);
  });

  it('is given 10 s where its process runs on this host', async () => {
    const path = await newPath();
    await makeLock(path, { pid: process.pid });
    expect(await looksUntilTaken(path, 20)).toEqual({ looks: 12, takeovers: ['silent'] });
  });

  it('is given 10 s where it has not added its entry, and leaves a temporary file alone', async () => {
    const path = await newPath();
    await mkdir(`${path}.lock`);
    await writeFile(join(`${path}.lock`, `${nameOf()}.tmp`), 'half a rec');
    expect(await looksUntilTaken(path, 20)).toEqual({ looks: 12, takeovers: ['silent'] });
    expect(await namesBeside(path)).toEqual([]);
  });

  it.each([
    ['modified', (path: string) => utimes(path, new Date(1_000), new Date(performance.now()))],
    ['changed', (path: string) => chmod(path, 0o700 + (performance.now() % 2_000 ? 0o050 : 0))],
  ])('shows life when the folder is %s', async (_, touch) => {
    const path = await newPath();
    await makeLock(path, { host: elsewhere });
    expect(await looksUntilTaken(path, 20, () => touch(`${path}.lock`))).toBeUndefined();
  });

  it('shows life by the one time that a file system has', async () => {
    const path = await newPath();
    await makeLock(path, { host: elsewhere });
    let mtimeMs = 2_000;
    vi.mocked(lstat).mockImplementation((async (place: string) =>
      Object.assign(await real.lstat(place), {
        ctimeMs: 0,
        mtimeMs: (mtimeMs += 2_000),
      })) as unknown as typeof lstat);
    onTestFinished(() => void vi.mocked(lstat).mockImplementation(real.lstat));
    expect(await looksUntilTaken(path, 20)).toBeUndefined();
    expect(mtimeMs).toBeGreaterThan(20_000);
  });

  it('is not silent because the observer was frozen', async () => {
    const path = await newPath();
    await makeLock(path, { host: elsewhere });
    const session = openAt(path);
    expect(await session.acquire()).toBeUndefined();
    vi.advanceTimersByTime(3_600_000);
    expect(await session.acquire()).toBeUndefined();
  });

  it('is not silent to a process that has just come', async () => {
    const path = await newPath();
    await makeLock(path, { host: elsewhere });
    expect(await looksUntilTaken(path, 6)).toBeUndefined();
    expect(await looksUntilTaken(path, 6)).toBeUndefined();
  });

  it('is another one when the entry is, although nothing else has changed', async () => {
    const path = await newPath();
    const name = await makeLock(path, { host: elsewhere });
    const { mtime } = await stat(`${path}.lock`);
    expect(
      await looksUntilTaken(path, 20, async () => {
        const [entry = ''] = await namesIn(path);
        const next = nameOf({ host: elsewhere });
        await real.rename(join(`${path}.lock`, entry), join(`${path}.lock`, next));
        await utimes(`${path}.lock`, mtime, mtime);
        return undefined;
      }),
    ).toBeUndefined();
    expect(await namesIn(path)).not.toContain(name);
  });
});

describe('what another program has put in the place of the lock', () => {
  itOn('posix').each(['file', 'FIFO', 'link'])(
    'stays when it is a %s, and is said at once',
    async (kind) => {
      const path = await newPath('yarn');
      const place = `${path}.lock`;
      if (kind === 'file') await writeFile(place, '# yarn lockfile v1');
      if (kind === 'FIFO') spawnSync('mkfifo', [place]);
      if (kind === 'link') await symlink(dirname(path), place);
      const { ino } = await lstat(place);
      await expect(openAt(path).acquire()).rejects.toMatchObject({ code: 'ENOTDIR', path: place });
      expect((await lstat(place)).ino).toBe(ino);
      await openAt(path).write(text, life);
      expect(await namesBeside(path)).toEqual(['yarn', 'yarn.lock']);
    },
  );

  it.each(['file', 'download.tmp', `${'a'.repeat(24)}.1.1`, `${'a'.repeat(24)}.x.1.${elsewhere}`])(
    'stays when it is a folder with the file %s in it',
    async (name) => {
      const path = await newPath();
      await mkdir(`${path}.lock`);
      await writeFile(join(`${path}.lock`, name), 'of another');
      const said = {
        code: 'ENOTEMPTY',
        message: expect.stringContaining('another program') as string,
      };
      await expect(openAt(path).acquire()).rejects.toMatchObject(said);
      expect(await readFile(join(`${path}.lock`, name), 'utf8')).toBe('of another');
    },
  );

  it('stays when it is a file beside the entry of a dead process', async () => {
    const path = await newPath();
    await makeLock(path);
    await writeFile(join(`${path}.lock`, 'file'), 'of another');
    const session = openAt(path);
    expect(await session.acquire()).toBeUndefined();
    await expect(session.acquire()).rejects.toMatchObject({ code: 'ENOTEMPTY' });
    expect(await namesIn(path)).toEqual(['file']);
  });

  it('stays when it comes while the lock is held, and is said when the lock is taken next', async () => {
    const path = await newPath();
    const lease = await acquired(path);
    await writeFile(join(`${path}.lock`, 'file'), 'of another');
    expect(await openAt(path).acquire()).toBeUndefined();
    expect(await lease.write(text, life)).toBe(true);
    await lease.release();
    await expect(openAt(path).acquire()).rejects.toMatchObject({ code: 'ENOTEMPTY' });
    expect(await namesIn(path)).toEqual(['file']);
  });
});

describe('a lock that is lost in the middle of a write', () => {
  /** Lets something happen when the temporary file has been written, before the lock is looked at again. */
  function whenWritten(act: (temporary: string) => unknown): void {
    vi.mocked(open).mockImplementationOnce(async (file, flags, mode) => {
      const handle = await real.open(file, flags, mode);
      const close = handle.close.bind(handle);
      handle.close = async () => {
        await close();
        await act(String(file));
      };
      return handle;
    });
  }

  it('leaves the file as it was, and nothing where the next holder has gone already', async () => {
    const path = await newPath();
    await writeFile(path, anotherText);
    const lease = await acquired(path);
    whenWritten((temporary) => unlinkSync(temporary.replace(/\.tmp$/, '')));
    expect(await lease.write(text, life)).toBe(false);
    expect(await readFile(path, 'utf8')).toBe(anotherText);
    expect(await namesBeside(path)).toEqual(['token.json']);
  });

  it('leaves the lock to the next holder', async () => {
    const path = await newPath();
    const lease = await acquired(path);
    const next = nameOf({ pid: process.pid });
    whenWritten((temporary) =>
      renameSync(temporary.replace(/\.tmp$/, ''), join(`${path}.lock`, next)),
    );
    expect(await lease.write(text, life)).toBe(false);
    expect(await namesIn(path)).toEqual([next]);
  });

  it('is lost too when the next holder has removed its temporary file', async () => {
    const path = await newPath();
    const lease = await acquired(path);
    whenWritten((temporary) => rmSync(temporary));
    expect(await lease.write(text, life)).toBe(false);
    expect(existsSync(path)).toBe(false);
  });

  it('with the whole folder is no error', async () => {
    const path = await newPath();
    const lease = await acquired(path);
    whenWritten(() => rmSync(dirname(path), { recursive: true }));
    expect(await lease.write(text, life)).toBe(false);
    expect(existsSync(dirname(path))).toBe(false);
  });

  itOn('posix')('is told apart from a file that cannot be replaced', async () => {
    const path = await newPath();
    const lease = await acquired(path);
    whenWritten(() => mkdirSync(path));
    await expect(lease.write(text, life)).rejects.toThrow('EISDIR');
    await lease.release();
    expect(await namesBeside(path)).toEqual(['token.json']);
  });
});

describe('giving the lock back', () => {
  // The only timer is the one by which proper-lockfile touches the lock for as long as it is held.
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));

  it('twice at the same time is no error, and nothing touches the lock any longer', async () => {
    const path = await newPath();
    const lease = await acquired(path);
    expect(vi.getTimerCount()).toBe(1);
    await Promise.all([lease.release(), lease.release()]);
    expect(await namesBeside(path)).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('works although somebody else touched it', async () => {
    const path = await newPath();
    const lease = await acquired(path);
    await utimes(`${path}.lock`, new Date(0), new Date(0));
    vi.advanceTimersByTime(1_000);
    await expect.poll(async () => (await stat(`${path}.lock`)).mtimeMs).toBeGreaterThan(1e12);
    await lease.release();
    expect(await namesBeside(path)).toEqual([]);
  });

  it('after another took it over harms nobody', async () => {
    const path = await newPath();
    const lease = await acquired(path);
    await rm(`${path}.lock`, { recursive: true });
    const name = await makeLock(path);
    await lease.release();
    expect(await namesIn(path)).toEqual([name]);
    expect(vi.getTimerCount()).toBe(0);
  });

  itOn('posix')(
    'fails where its entry or its folder cannot be removed, but does not keep it alive',
    async () => {
      const folder = await newPath('folder');
      const lease = await acquired(join(folder, 'token.json'));
      await rename(folder, `${folder}-moved`);
      await writeFile(folder, '');
      await expect(lease.release()).rejects.toThrow('ENOTDIR');
      const other = await acquired(await newPath());
      const refused = Object.assign(new Error('refused'), { code: 'EIO' });
      vi.mocked(rmdir).mockRejectedValueOnce(refused);
      await expect(other.release()).rejects.toBe(refused);
      expect(vi.getTimerCount()).toBe(0);
    },
  );
});

describe('the end of the process', () => {
  it('removes the lock and the temporary file', async () => {
    const path = await newPath();
    const exitListeners = watchExitListeners();
    await acquired(path);
    const [name = ''] = await namesIn(path);
    await writeFile(join(`${path}.lock`, `${name}.tmp`), 'half a rec');
    for (const listener of exitListeners()) listener(0);
    expect(await namesBeside(path)).toEqual([]);
  });

  it('removes nothing of whoever has taken the lock over', async () => {
    const path = await newPath();
    const exitListeners = watchExitListeners();
    await acquired(path);
    await rm(`${path}.lock`, { recursive: true });
    mkdirSync(`${path}.lock`);
    for (const listener of exitListeners()) listener(0);
    expect(await namesBeside(path)).toEqual(['token.json.lock']);
    rmdirSync(`${path}.lock`);
  });

  it('is no longer listened for once all locks are given back', async () => {
    const exitListeners = watchExitListeners();
    const leases = [await acquired(await newPath()), await acquired(await newPath())];
    expect(exitListeners()).toHaveLength(1);
    await leases[0]?.release();
    expect(exitListeners()).toHaveLength(1);
    await leases[1]?.release();
    expect(exitListeners()).toEqual([]);
  });
});
