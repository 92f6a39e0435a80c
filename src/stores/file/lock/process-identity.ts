import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Identifies a process among all hosts, and among all that get its pid later. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Start time as the kernel counts it; empty where it cannot be read. */
  readonly startedAt: string;
  /** Host name, boot, pid and time namespace: pids and start times are comparable only where all are equal. */
  readonly host: string;
}

/** Returns the identity of this process. */
export function currentProcess(): ProcessIdentity {
  return {
    pid: process.pid,
    startedAt: statusOf(process.pid)?.startedAt ?? '',
    host: hostIdentity(),
  };
}

/** The state of a process; `unknown` on another host. */
export type ProcessState = 'dead' | 'stopped' | 'running' | 'unknown';

/** Returns the state of a process. */
export function stateOf(owner: ProcessIdentity): ProcessState {
  if (owner.host !== hostIdentity()) return 'unknown';
  if (!exists(owner.pid)) return 'dead';
  const status = statusOf(owner.pid);
  if (!status) return 'running';
  if (status.letter === 'Z') return 'dead';
  if (owner.startedAt !== '' && status.startedAt !== owner.startedAt) return 'dead';
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
  const text = attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  if (text === undefined) return undefined;
  // The command name, in parentheses, may hold anything; state and start time are fields 3 and 22.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { letter: fields[0], startedAt: fields[19] ?? '' };
}

function hostIdentity(): string {
  const boot = attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  const namespaces = ['pid', 'time'].map((kind) =>
    attempt(() => readlinkSync(`/proc/self/ns/${kind}`)),
  );
  return [hostname(), boot, ...namespaces].join(' ');
}

function attempt<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
