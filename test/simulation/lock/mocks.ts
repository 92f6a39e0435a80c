import type { PathLike } from 'node:fs';
import type { SilenceMeter } from '../../../src/stores/file/lock/silence.js';
import type { Disk } from './disk.js';
import { currentProcess, handleOf, step } from './world.js';

/*
 * What stands in the place of node:fs, node:fs/promises, proper-lockfile's clock and the like for code that runs in
 * a simulated process. Vitest hoists the mocks of a test file, so that the file names the modules and asks here.
 */

const text = (path: PathLike): string => String(path);

/** node:fs/promises. */
export const promised = {
  realpath: (path: PathLike) => Promise.resolve(text(path)),
  chmod: (path: PathLike) => step('chmod', [text(path)], (disk) => disk.chmod(text(path))),
  mkdir: (path: PathLike) => step('mkdir', [text(path)], (disk) => disk.mkdir(text(path))),
  rmdir: (path: PathLike) => step('rmdir', [text(path)], (disk) => disk.rmdir(text(path))),
  unlink: (path: PathLike) => step('unlink', [text(path)], (disk) => disk.unlink(text(path))),
  lstat: (path: PathLike) => step('lstat', [text(path)], (disk) => disk.stat(text(path))),
  stat: (path: PathLike) => step('stat', [text(path)], (disk) => disk.stat(text(path))),
  readdir: (path: PathLike) => step('readdir', [text(path)], (disk) => disk.readdir(text(path))),
  utimes: (path: PathLike, _: Date, mtime: Date) =>
    step('utimes', [text(path)], (disk) => disk.utimes(text(path), mtime)),
  rename: (from: PathLike, to: PathLike) =>
    step('rename', [text(from), text(to)], (disk) => disk.rename(text(from), text(to))),
  rm: (path: PathLike, { force = false } = {}) =>
    step('rm', [text(path)], (disk) => {
      if (!force || disk.nodes.has(text(path))) disk.unlink(text(path));
    }),
  async open(path: PathLike, flags: string | number) {
    const at = text(path);
    const name = flags === 'wx' ? 'create' : 'open';
    const node = await step(name, [at], (disk) =>
      flags === 'wx' ? disk.create(at) : disk.open(at),
    );
    return handleOf(at, node);
  },
  async writeFile(path: PathLike) {
    await step('create', [text(path)], (disk) => void disk.create(text(path)));
  },
};

/** The synchronous part of node:fs, for the end of a process. */
export const synchronous = {
  rmSync: (path: PathLike) => void disk().nodes.delete(text(path)),
  unlinkSync: (path: PathLike) => disk().unlink(text(path)),
  rmdirSync: (path: PathLike) => disk().rmdir(text(path)),
};

function disk(): Disk {
  const process = currentProcess();
  if (!process) throw new Error('outside of the simulation');
  return process.world.disk;
}

/** src/stores/file/lock/holder: names in the order in which they are made. */
export function newHolderName(): string {
  const process = currentProcess();
  if (!process) throw new Error('outside of the simulation');
  const own = `${process.id}${process.names++}`.padStart(24, '0');
  return `${own}.${process.id + 1}.1.000000000000`;
}

/** src/stores/file/lock/process-identity: all processes are of one host. */
export function stateOf({ pid }: { readonly pid: number }): 'dead' | 'running' {
  return currentProcess()?.world.processes[pid - 1]?.state === 'running' ? 'running' : 'dead';
}

/** src/stores/file/lock/silence, where the schedule says who seems silent. */
export function createSilenceMeter(real: () => SilenceMeter): SilenceMeter {
  if (currentProcess()?.world.isTimed) return real();
  return () => (currentProcess()?.isImpatient ? Infinity : 0);
}

/** src/stores/file/lock/exit-cleanup. */
export function onProcessExit(cleanup: () => void): () => void {
  const process = currentProcess();
  process?.exitCleanups.add(cleanup);
  return () => void process?.exitCleanups.delete(cleanup);
}

/** The function itself outside of a simulation, its stand-in within. */
export function inside<Original extends object>(original: Original, standIns: object): Original {
  const mixed = { ...original } as Record<string, unknown>;
  for (const [name, standIn] of Object.entries(standIns)) {
    const outside = mixed[name] as (...values: unknown[]) => unknown;
    mixed[name] = (...values: unknown[]) =>
      currentProcess() ? (standIn as typeof outside)(...values) : outside(...values);
  }
  return mixed as Original;
}

/** The clocks of a simulated process, and timers that the schedule lets fire. */
export function useSimulatedClocks(): () => void {
  const originals = { now: Date.now, performanceNow: performance.now, setTimeout, clearTimeout };
  const isOver = new WeakSet<object>();
  Date.now = () => {
    const process = currentProcess();
    return process ? process.world.nowMs + process.skewMs : originals.now();
  };
  performance.now = () =>
    currentProcess()?.world.nowMs ?? originals.performanceNow.call(performance);
  globalThis.setTimeout = ((callback: () => void, ms: number) => {
    const process = currentProcess();
    if (!process) return originals.setTimeout(callback, ms);
    const timer = { unref: () => timer };
    const dueAt = process.world.nowMs + ms;
    void step('timer', [], () => undefined, dueAt).then(
      () => isOver.has(timer) || callback(),
      () => undefined,
    );
    return timer;
  }) as unknown as typeof setTimeout;
  globalThis.clearTimeout = ((timer: object) => {
    if (currentProcess()) isOver.add(timer);
    else originals.clearTimeout(timer as NodeJS.Timeout);
  }) as typeof clearTimeout;
  return () => {
    Date.now = originals.now;
    performance.now = originals.performanceNow;
    Object.assign(globalThis, {
      setTimeout: originals.setTimeout,
      clearTimeout: originals.clearTimeout,
    });
  };
}
