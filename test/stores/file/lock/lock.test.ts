import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmdirSync, rmSync } from 'node:fs';
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
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  afterEach,
  beforeEach,
  describe,
  expect,
  it,
  onTestFinished,
  vi,
  type TestContext,
} from 'vitest';
import {
  fileStore,
  type StoredRecord,
  type StoreIdentity,
  type StoreLease,
  type StoreSession,
} from '../../../../src/index.js';
import { currentProcess } from '../../../../src/stores/file/lock/process-identity.js';

/** Called with the error for which proper-lockfile gives a lock up. */
let givenUp: (error: Error) => void = () => undefined;

vi.mock('node:fs/promises', async (importOriginal) => {
  const original = await importOriginal<typeof import('node:fs/promises')>();
  return {
    ...original,
    mkdir: vi.fn(original.mkdir),
    rmdir: vi.fn(original.rmdir),
    chmod: vi.fn(original.chmod),
    open: vi.fn(original.open),
  };
});
vi.mock('proper-lockfile', async (importOriginal) => {
  const { default: original } = await importOriginal<{
    default: typeof import('proper-lockfile');
  }>();
  const lock: typeof original.lock = (file, options) => {
    const onCompromised = (error: Error): void => {
      givenUp(error);
      if (!options?.onCompromised) throw error;
      options.onCompromised(error);
    };
    return original.lock(file, { ...options, onCompromised });
  };
  return { default: { ...original, lock } };
});
const real = await vi.importActual<typeof import('node:fs/promises')>('node:fs/promises');

const identity: StoreIdentity = {
  environment: 'UAT',
  baseUrl: 'https://tt.example/',
  keyFingerprint: '0123456789abcdef',
};
const record: StoredRecord = { version: 1, ...identity };
const root = fileURLToPath(new URL('../..', import.meta.url));
const anotherWriter = '8d1c7a52-93b4-4f0e-8a6d-2b1f0c9d8e7f';
const aWriter = '3f0f1f5e-8c0e-4d1c-9d5b-0f6f0c1a2b3c';

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

async function newPath(name = 'token.json', atEnd = onTestFinished): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tt-token-'));
  atEnd(() => rm(folder, { recursive: true, force: true }));
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

async function idOf(path: string): Promise<string> {
  const { ino, birthtimeNs } = await lstat(path, { bigint: true });
  return `${ino}:${birthtimeNs}`;
}

/** Makes a lock by hand, with the record of an owner that has just died, or what is to stand there instead. */
async function makeLock(path: string, changes: object = {}): Promise<void> {
  await real.mkdir(`${path}.lock`);
  const { pid } = spawnSync(process.execPath, ['--version']);
  const owner = { ...currentProcess(), pid, writer: aWriter, ...changes };
  await writeFile(`${path}.lock-owner`, JSON.stringify(owner));
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
  it('is not taken from an owner that lives, whatever the time on it', async () => {
    const path = await newPath();
    const lease = await acquired(path);
    await utimes(`${path}.lock`, new Date(0), new Date(0));
    expect(await openAt(path).acquire()).toBeUndefined();
    await lease.release();
  });

  it('is lost when its folder is removed: nothing is written under it, and its release harms nobody', async () => {
    const path = await newPath();
    const late = await acquired(path);
    await rmdir(`${path}.lock`);
    const current = await acquired(path);
    expect(await late.write(record)).toBe(false);
    await late.release();
    expect(await openAt(path).acquire()).toBeUndefined();
    await current.release();
    expect(await namesBeside(path)).toEqual([]);
  });
});

describe('a process that was frozen between the lock folder and its record', () => {
  /** Lets something happen when the lock folder has been made, before its record is written. */
  function whenFolderIsMade(act: (lock: string) => Promise<void>): void {
    vi.mocked(chmod).mockImplementationOnce(async (lock) => act(lock as string));
  }

  it.each([
    ['holds it', JSON.stringify({ ...currentProcess(), writer: aWriter })],
    ['is about to write its record', ''],
  ])('has no lock when another %s by now, and leaves it to that one', async (_, owner) => {
    const path = await newPath();
    whenFolderIsMade(() => writeFile(`${path}.lock-owner`, owner));
    expect(await openAt(path).acquire()).toBeUndefined();
    expect(await readFile(`${path}.lock-owner`, 'utf8')).toBe(owner);
    expect(await namesBeside(path)).toEqual(['token.json.lock', 'token.json.lock-owner']);
  });

  it('has no lock when a file of another is in its place, which stays', async () => {
    const path = await newPath();
    whenFolderIsMade(async (lock) => {
      await real.rmdir(lock);
      await writeFile(lock, 'of another');
    });
    await expect(openAt(path).acquire()).rejects.toMatchObject({ code: 'ENOTDIR' });
    expect(await readFile(`${path}.lock`, 'utf8')).toBe('of another');
    expect(await namesBeside(path)).toEqual(['token.json.lock']);
  });

  it('has no lock when its folder has gone, and leaves no record', async () => {
    const path = await newPath();
    whenFolderIsMade((lock) => real.rmdir(lock));
    expect(await openAt(path).acquire()).toBeUndefined();
    expect(await namesBeside(path)).toEqual([]);
  });
});

// At the same time: each takes the 5 s for which an owner may be silent.
describe.concurrent('the lock of a silent owner', () => {
  /** Asks again and again until the lock is given; tells what was said of its owner. */
  async function takeOver(path: string, { expect, onTestFinished }: TestContext) {
    const takeovers: string[] = [];
    const acquire = async (): Promise<StoreLease | undefined> => {
      const lease = await openAt(path).acquire((ownerState) => void takeovers.push(ownerState));
      if (lease) onTestFinished(() => lease.release());
      return lease;
    };
    expect(await acquire()).toBeUndefined();
    await expect.poll(acquire, { timeout: 10_000, interval: 200 }).toBeDefined();
    return takeovers;
  }

  it('is taken over by one of many when nobody has touched it for the stale time', async (test) => {
    const path = await newPath('token.json', test.onTestFinished);
    await mkdir(`${path}.lock`);
    test.expect(await takeOver(path, test)).toEqual(['silent']);
    const others = await Promise.all(Array.from({ length: 8 }, () => openAt(path).acquire()));
    test.expect(others.every((lease) => lease === undefined)).toBe(true);
  });

  it('is taken over although a process died in the middle of a takeover', async (test) => {
    const path = await newPath('token.json', test.onTestFinished);
    await mkdir(`${path}.lock`);
    await mkdir(`${path}.lock-takeover`);
    test.expect(await takeOver(path, test)).toEqual(['silent']);
    test.expect(await namesBeside(path)).not.toContain('token.json.lock-takeover');
  });
});

describe('what another program has put in the place of the lock', () => {
  it.each(['file', 'FIFO', 'link'])('stays when it is a %s, and is said at once', async (kind) => {
    const path = await newPath('yarn');
    const place = `${path}.lock`;
    if (kind === 'file') await writeFile(place, '# yarn lockfile v1');
    if (kind === 'FIFO') spawnSync('mkfifo', [place]);
    if (kind === 'link') await symlink(dirname(path), place);
    const before = await idOf(place);
    await expect(openAt(path).acquire()).rejects.toMatchObject({ code: 'ENOTDIR', path: place });
    expect(await idOf(place)).toBe(before);
    await openAt(path).write(record);
    expect(await namesBeside(path)).toEqual(['yarn', 'yarn.lock']);
  });

  it('stays when it is a folder with files in it', async () => {
    const path = await newPath();
    await makeLock(path);
    await writeFile(join(`${path}.lock`, 'file'), 'of another');
    await expect(openAt(path).acquire()).rejects.toMatchObject({ code: 'ENOTEMPTY' });
    expect(await readFile(join(`${path}.lock`, 'file'), 'utf8')).toBe('of another');
  });

  it('stays when it is a file in the place of the guard', async () => {
    const path = await newPath();
    await makeLock(path);
    await writeFile(`${path}.lock-takeover`, 'of another');
    await expect(openAt(path).acquire()).rejects.toMatchObject({ code: 'ENOTDIR' });
    expect(await readFile(`${path}.lock-takeover`, 'utf8')).toBe('of another');
  });
});

describe('an owner’s record that cannot be read for now', () => {
  it('is not taken for that of another program', async () => {
    const path = await newPath();
    await makeLock(path);
    const tooMany = Object.assign(new Error('too many open files'), { code: 'EMFILE' });
    vi.mocked(open).mockRejectedValueOnce(tooMany);
    await expect(openAt(path).acquire()).rejects.toBe(tooMany);
    expect(await namesBeside(path)).toEqual(['token.json.lock', 'token.json.lock-owner']);
  });
});

describe('the lock of a dead process', () => {
  it('is taken over at once, with the temporary file that it left', async () => {
    const path = await newPath();
    await dieWithLock(path);
    const { writer } = JSON.parse(await readFile(`${path}.lock-owner`, 'utf8')) as {
      writer: string;
    };
    await writeFile(`${path}.${writer}.tmp`, 'half a rec');
    const takeovers: string[] = [];
    const lease = await openAt(path).acquire((ownerState) => void takeovers.push(ownerState));
    expect(takeovers).toEqual(['dead']);
    expect(await namesBeside(path)).toEqual(['token.json.lock', 'token.json.lock-owner']);
    expect(await lease?.write(record)).toBe(true);
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
  });

  it('is left to the process that is taking it over', async () => {
    const path = await newPath();
    await makeLock(path);
    const before = await idOf(`${path}.lock`);
    await mkdir(`${path}.lock-takeover`);
    expect(await openAt(path).acquire()).toBeUndefined();
    expect(await idOf(`${path}.lock`)).toBe(before);
    expect(await namesBeside(path)).toContain('token.json.lock-takeover');
  });

  it('is left to the process that took it over since it was looked at', async () => {
    const path = await newPath();
    await makeLock(path);
    vi.mocked(mkdir).mockImplementationOnce(async (guard) => {
      await real.rm(`${path}.lock-owner`);
      await real.rmdir(`${path}.lock`);
      await makeLock(path, { ...currentProcess(), writer: anotherWriter });
      await real.mkdir(guard);
      return undefined;
    });
    const takeovers: string[] = [];
    const acquire = openAt(path).acquire((ownerState) => void takeovers.push(ownerState));
    expect(await acquire).toBeUndefined();
    expect(takeovers).toEqual([]);
    expect(await namesBeside(path)).toEqual(['token.json.lock', 'token.json.lock-owner']);
  });

  it.each([
    ['names no GUID as its writer', { writer: '../token' }],
    ['names no process', { pid: -2_000_000_000 }],
    ['is of another host', { host: 'elsewhere' }],
  ])('counts as that of an unknown one while its record %s', async (_, changes) => {
    const path = await newPath();
    await makeLock(path, changes);
    const before = await idOf(`${path}.lock`);
    expect(await openAt(path).acquire()).toBeUndefined();
    expect(await idOf(`${path}.lock`)).toBe(before);
  });

  it('leaves no guard behind when the process exits in the middle of the takeover', async () => {
    const path = await newPath();
    await makeLock(path);
    const exitListeners = watchExitListeners();
    let guarded: [before: boolean, after: boolean] | undefined;
    vi.mocked(rmdir).mockImplementationOnce((lock) => {
      const before = existsSync(`${path}.lock-takeover`);
      for (const listener of exitListeners()) listener(0);
      guarded = [before, existsSync(`${path}.lock-takeover`)];
      return real.rmdir(lock);
    });
    const lease = await openAt(path).acquire();
    expect(guarded).toEqual([true, false]);
    await lease?.release();
    expect(exitListeners()).toEqual([]);
  });
});

describe('a lock that only looks silent', () => {
  const now = Date.now;
  const setClockAhead = (ms: number): void => {
    vi.spyOn(Date, 'now').mockImplementation(() => now() + ms);
  };
  beforeEach(() => setClockAhead(3_600_000));

  it('to a process whose clock is ahead is not taken over', async () => {
    const path = await newPath();
    await mkdir(`${path}.lock`);
    const before = await idOf(`${path}.lock`);
    expect(await openAt(path).acquire()).toBeUndefined();
    expect(await idOf(`${path}.lock`)).toBe(before);
    expect(await namesBeside(path)).toEqual(['token.json.lock']);
  });

  it('is looked into after 5 s, or 10 s if its owner is a process that runs', async () => {
    const path = await newPath();
    const guards = (): unknown[] =>
      vi.mocked(mkdir).mock.calls.filter(([folder]) => folder === `${path}.lock-takeover`);
    const lease = await acquired(path);
    setClockAhead(9_000);
    expect(await openAt(path).acquire()).toBeUndefined();
    expect(guards()).toHaveLength(0);
    setClockAhead(11_000);
    expect(await openAt(path).acquire()).toBeUndefined();
    expect(guards()).toHaveLength(1);
    await rm(`${path}.lock-owner`);
    setClockAhead(6_000);
    expect(await openAt(path).acquire()).toBeUndefined();
    expect(guards()).toHaveLength(2);
    await lease.release();
  });

  it('is not taken over either when the guard by which that is told has gone', async () => {
    const path = await newPath();
    await mkdir(`${path}.lock`);
    const before = await idOf(`${path}.lock`);
    vi.mocked(mkdir).mockImplementationOnce(() => Promise.resolve(undefined));
    expect(await openAt(path).acquire()).toBeUndefined();
    expect(await idOf(`${path}.lock`)).toBe(before);
  });

  it('is not waited for where no guard can be made', async () => {
    const path = await newPath();
    await mkdir(`${path}.lock`);
    const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    vi.mocked(mkdir).mockRejectedValueOnce(full);
    await expect(openAt(path).acquire()).rejects.toBe(full);
    expect(await namesBeside(path)).toEqual(['token.json.lock']);
  });
});

describe('a lock that is lost in the middle of a write', () => {
  /** A record that does something when it is put into JSON: after the first look at the lock. */
  function recordThat(act: () => void): StoredRecord {
    return Object.assign({}, record, {
      toJSON() {
        act();
        return record;
      },
    });
  }

  it('leaves the file as it was', async () => {
    const path = await newPath();
    await writeFile(path, 'newer');
    const lease = await acquired(path);
    expect(await lease.write(recordThat(() => rmdirSync(`${path}.lock`)))).toBe(false);
    expect(await readFile(path, 'utf8')).toBe('newer');
    expect(await namesBeside(path)).toEqual(['token.json', 'token.json.lock-owner']);
  });

  it('with the whole folder is no error', async () => {
    const path = await newPath();
    const lease = await acquired(path);
    const remove = (): void => rmSync(dirname(path), { recursive: true });
    expect(await lease.write(recordThat(remove))).toBe(false);
    expect(existsSync(dirname(path))).toBe(false);
  });

  it('is told apart from a file that cannot be replaced', async () => {
    const path = await newPath();
    const lease = await acquired(path);
    await expect(lease.write(recordThat(() => mkdirSync(path)))).rejects.toThrow('EISDIR');
    await lease.release();
    expect(await namesBeside(path)).toEqual(['token.json']);
  });
});

describe('giving the lock back', () => {
  // The only timer is the one by which proper-lockfile touches the lock for as long as it is held.
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));

  it('twice at the same time is no error', async () => {
    const path = await newPath();
    const lease = await acquired(path);
    await Promise.all([lease.release(), lease.release()]);
    expect(await namesBeside(path)).toEqual([]);
  });

  it('works although somebody else touched it', async () => {
    const path = await newPath();
    const lease = await acquired(path);
    const compromised = new Promise<Error>((resolve) => (givenUp = resolve));
    await utimes(`${path}.lock`, new Date(0), new Date(0));
    vi.advanceTimersByTime(1_000);
    expect(await compromised).toMatchObject({ code: 'ECOMPROMISED' });
    await lease.release();
    expect(await namesBeside(path)).toEqual([]);
  });

  it('works although its owner’s record has no room beside it', async () => {
    const path = await newPath('n'.repeat(247));
    const lease = await acquired(path);
    await lease.release();
    expect(await namesBeside(path)).toEqual([]);
  });

  it.each(['file', 'folder', 'FIFO', 'link'])(
    'works although a %s of another is in the place of its owner’s record, and stays',
    async (kind) => {
      const path = await newPath();
      const place = `${path}.lock-owner`;
      if (kind === 'file') await writeFile(place, 'of another');
      if (kind === 'folder') await mkdir(join(place, 'deeper'), { recursive: true });
      if (kind === 'FIFO') spawnSync('mkfifo', [place]);
      if (kind === 'link') await symlink(path, place);
      const before = await idOf(place);
      const lease = await acquired(path);
      expect(await openAt(path).acquire()).toBeUndefined();
      expect(await lease.write(record)).toBe(true);
      await lease.release();
      expect(await idOf(place)).toBe(before);
      expect(await namesBeside(path)).toEqual(['token.json', 'token.json.lock-owner']);
    },
  );

  it('works although somebody removed its owner’s record, under which nothing is written then', async () => {
    const path = await newPath();
    const lease = await acquired(path);
    await rm(`${path}.lock-owner`);
    expect(await lease.write(record)).toBe(false);
    await lease.release();
    expect(await namesBeside(path)).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('after another took it over harms nobody, and nothing touches the lock any longer', async () => {
    const path = await newPath();
    const lease = await acquired(path);
    await rm(`${path}.lock-owner`);
    await writeFile(`${path}.lock-owner`, JSON.stringify({ ...currentProcess(), writer: aWriter }));
    expect(await lease.write(record)).toBe(false);
    await lease.release();
    expect(await namesBeside(path)).toEqual(['token.json.lock', 'token.json.lock-owner']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('fails when something is in it, but does not keep it alive', async () => {
    const path = await newPath();
    const lease = await acquired(path);
    await writeFile(join(`${path}.lock`, 'file'), '');
    await expect(lease.release()).rejects.toThrow('ENOTEMPTY');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('fails when it cannot be looked at, but does not keep it alive', async () => {
    const folder = await newPath('folder');
    const lease = await acquired(join(folder, 'token.json'));
    await rename(folder, `${folder}-moved`);
    await writeFile(folder, '');
    await expect(lease.release()).rejects.toThrow('ENOTDIR');
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('the end of the process', () => {
  it('removes the lock, its owner’s record and the temporary file', async () => {
    const path = await newPath();
    const exitListeners = watchExitListeners();
    await acquired(path);
    const { writer } = JSON.parse(await readFile(`${path}.lock-owner`, 'utf8')) as {
      writer: string;
    };
    await writeFile(`${path}.${writer}.tmp`, 'half a rec');
    for (const listener of exitListeners()) listener(0);
    expect(await namesBeside(path)).toEqual([]);
  });

  it('removes nothing of whoever has taken the lock over', async () => {
    const path = await newPath();
    const exitListeners = watchExitListeners();
    await acquired(path);
    await rmdir(`${path}.lock`);
    await makeLock(path);
    for (const listener of exitListeners()) listener(0);
    expect(await namesBeside(path)).toEqual(['token.json.lock', 'token.json.lock-owner']);
  });

  it('removes a lock for which no record could be written', async () => {
    const path = await newPath();
    const exitListeners = watchExitListeners();
    await writeFile(`${path}.lock-owner`, 'of another');
    await acquired(path);
    for (const listener of exitListeners()) listener(0);
    expect(await namesBeside(path)).toEqual(['token.json.lock-owner']);
  });

  it('leaves such a lock when its folder is another one by now', async () => {
    const path = await newPath();
    const exitListeners = watchExitListeners();
    await writeFile(`${path}.lock-owner`, 'of another');
    await acquired(path);
    await rename(`${path}.lock`, `${path}.lock-before`);
    await mkdir(`${path}.lock`);
    for (const listener of exitListeners()) listener(0);
    expect(await namesBeside(path)).toContain('token.json.lock');
  });

  it('removes nothing when a folder is in the place of its owner’s record', async () => {
    const path = await newPath();
    const exitListeners = watchExitListeners();
    await acquired(path);
    await rm(`${path}.lock-owner`);
    await mkdir(`${path}.lock-owner`);
    for (const listener of exitListeners()) listener(0);
    expect(await namesBeside(path)).toEqual(['token.json.lock', 'token.json.lock-owner']);
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
