import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  currentProcess,
  stateOf,
  type ProcessIdentity,
} from '../../../../src/stores/file/lock/process-identity.js';
import { itOn } from '../../../helpers/systems.js';

vi.mock('node:fs', async (importOriginal) => {
  const original = await importOriginal<typeof import('node:fs')>();
  const { readFileSync, readlinkSync } = original;
  return { ...original, readFileSync: vi.fn(readFileSync), readlinkSync: vi.fn(readlinkSync) };
});
const { readFileSync: reallyRead, readlinkSync: reallyReadLink } =
  await vi.importActual<typeof import('node:fs')>('node:fs');

afterEach(() => {
  vi.restoreAllMocks();
  vi.mocked(readFileSync).mockClear();
  vi.mocked(readlinkSync).mockImplementation(reallyReadLink);
  vi.mocked(readFileSync).mockImplementation(reallyRead);
});

/** Starts a program that ends with the test. */
function run(command: string, ...args: string[]): ChildProcess {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  return child;
}

/** A process of this host as it would name itself. */
function identityOf(pid = 0): ProcessIdentity {
  const stat = reallyRead(`/proc/${pid}/stat`, 'utf8');
  const startedAt = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  return { ...currentProcess(), pid, startedAt };
}

/** Lets the files below /proc be what a test makes of them. */
function pretendProc(read: (path: string) => string): void {
  vi.mocked(readFileSync).mockImplementation((path) => read(path as string));
}

const absent = (): never => {
  throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
};

const onLinux = process.platform === 'linux';

describe('the state of a process', () => {
  it('is running for the one that asks', () => {
    expect(stateOf(currentProcess())).toBe('running');
  });

  it('is unknown on another host, another boot, or in another pid namespace', () => {
    expect(stateOf({ ...currentProcess(), host: `${hostname()} another boot` })).toBe('unknown');
  });

  itOn('linux').each(['pid', 'time'])(
    'is unknown in another %s namespace, where numbers or start times mean others',
    (kind) => {
      const own = currentProcess();
      vi.mocked(readlinkSync).mockImplementation((path) =>
        path === `/proc/self/ns/${kind}` ? `${kind}:[1]` : reallyReadLink(path),
      );
      expect(currentProcess().host).not.toBe(own.host);
      expect(stateOf(own)).toBe('unknown');
    },
  );

  it('is unknown after another boot of the same host', () => {
    const own = currentProcess();
    pretendProc((path) => (path.endsWith('boot_id') ? 'another' : reallyRead(path, 'utf8')));
    expect(stateOf(own)).toBe(onLinux ? 'unknown' : 'running');
  });

  it('is running for a process that could not read its own start time', () => {
    expect(stateOf({ ...currentProcess(), startedAt: '0' })).toBe('running');
  });

  it('is dead when there is none of its number', () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    expect(stateOf({ ...currentProcess(), pid })).toBe('dead');
  });

  itOn('linux')('is dead when its number belongs to a later one', () => {
    expect(stateOf({ ...currentProcess(), startedAt: '1' })).toBe('dead');
  });

  itOn('linux')('is stopped, and running again, as it gets the signals', async () => {
    const child = run('sleep', '60');
    const owner = identityOf(child.pid);
    expect(stateOf(owner)).toBe('running');
    child.kill('SIGSTOP');
    await expect.poll(() => stateOf(owner)).toBe('stopped');
    child.kill('SIGCONT');
    await expect.poll(() => stateOf(owner)).toBe('running');
  });

  itOn('linux')('is dead once it has ended, although its parent does not look', async () => {
    // The shell starts a child and becomes a program that never waits for it.
    const parent = run('sh', '-c', 'sleep 60 & echo $!; exec sleep 60');
    const [line] = (await once(parent.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
    const owner = identityOf(Number(line.toString()));
    expect(stateOf(owner)).toBe('running');
    await expect.poll(() => readFileSync(`/proc/${parent.pid}/comm`, 'utf8')).toBe('sleep\n');
    process.kill(owner.pid, 'SIGKILL');
    await expect.poll(() => stateOf(owner)).toBe('dead');
    expect(process.kill(owner.pid, 0)).toBe(true);
  });

  it('is running for a process of another user, which must not be signalled', () => {
    const forbidden = Object.assign(new Error('not permitted'), { code: 'EPERM' });
    vi.spyOn(process, 'kill').mockImplementation(() => {
      throw forbidden;
    });
    expect(stateOf(currentProcess())).toBe('running');
  });
});

describe('where there is no /proc', () => {
  it('a process is known by its number and the name of its host', () => {
    pretendProc(absent);
    const own = currentProcess();
    expect(own).toMatchObject({ pid: process.pid, startedAt: '0' });
    expect(own.host).toMatch(/^[\da-f]{12}$/);
    expect(stateOf(own)).toBe('running');
    const { pid } = spawnSync(process.execPath, ['--version']);
    expect(stateOf({ ...own, pid })).toBe('dead');
  });

  it('what somebody has put in its place is not read', () => {
    vi.spyOn(process, 'platform', 'get').mockReturnValue('win32');
    pretendProc(() => '1 (a) Z 1 1');
    expect(currentProcess().startedAt).toBe('0');
    expect(stateOf(currentProcess())).toBe('running');
    expect(readFileSync).not.toHaveBeenCalled();
  });
});

describe('where /proc tells less', () => {
  it('a process that runs is not taken for a later one of its number', () => {
    pretendProc((path) => (path.endsWith('stat') ? '1 (a) b) R 1 1' : absent()));
    expect(currentProcess().startedAt).toBe('0');
    expect(stateOf(currentProcess())).toBe('running');
  });

  itOn('linux')('a name with parentheses and blanks does not hide that it has stopped', () => {
    pretendProc((path) => (path.endsWith('stat') ? '1 (a) R (b) T 1 1' : absent()));
    expect(stateOf(currentProcess())).toBe('stopped');
  });
});
