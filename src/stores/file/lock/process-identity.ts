import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Identifies a process among all hosts, and among all that get its pid later. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Start time as the kernel counts it; 0 where it cannot be read. */
  readonly startedAt: string;
  /** Hash of host name, boot, pid and time namespace: pids and start times are comparable only where all are equal. */
  readonly host: string;
}

/** Returns the identity of this process. */
export function currentProcess(): ProcessIdentity {
  const startedAt = statusOf(process.pid)?.startedAt ?? unknownStart;
  return { pid: process.pid, startedAt, host: hostIdentity() };
}

/** The state of a process; `unknown` on another host. */
export type ProcessState = 'dead' | 'stopped' | 'running' | 'unknown';

const unknownStart = '0';

/** Returns the state of a process. */
export function stateOf({ pid, startedAt, host }: ProcessIdentity): ProcessState {
  if (host !== hostIdentity()) return 'unknown';
  if (!exists(pid)) return 'dead';
  const status = statusOf(pid);
  if (!status) return 'running';
  if (status.letter === 'Z') return 'dead';
  if (startedAt !== unknownStart && status.startedAt !== startedAt) return 'dead';
  return status.letter === 'T' ? 'stopped' : 'running';
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function statusOf(pid: number): { letter: string | undefined; startedAt: string } | undefined {
  const text = procText(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  if (text === undefined) return undefined;
  // The command name, in parentheses, may hold anything; state and start time are fields 3 and 22.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { letter: fields[0], startedAt: fields[19] ?? unknownStart };
}

function hostIdentity(): string {
  const boot = procText(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  const namespaces = ['pid', 'time'].map((kind) =>
    procText(() => readlinkSync(`/proc/self/ns/${kind}`)),
  );
  const names = [hostname(), boot, ...namespaces].join(' ');
  return createHash('sha256').update(names).digest('hex').slice(0, 12);
}

/** What /proc says, on Linux only: on Windows it is a folder that anybody may make. */
function procText(read: () => string): string | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    return read();
  } catch {
    return undefined;
  }
}
