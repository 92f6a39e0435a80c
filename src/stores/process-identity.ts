import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** A process, told apart from every other on any host, and from one that gets its pid later. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Start time as the kernel counts it; empty where it cannot be read. */
  readonly startedAt: string;
  /** Host name, boot and pid namespace: a pid means something only where all three are equal. */
  readonly host: string;
}

/** The process that runs this. */
export function currentProcess(): ProcessIdentity {
  return {
    pid: process.pid,
    startedAt: statusOf(process.pid)?.startedAt ?? '',
    host: hostIdentity(),
  };
}

/** Tells whether a process is known to be dead; false also when that cannot be known from here. */
export function isDead(owner: ProcessIdentity): boolean {
  if (owner.host !== hostIdentity()) return false;
  if (!exists(owner.pid)) return true;
  const status = statusOf(owner.pid);
  return status !== undefined && (status.isZombie || status.startedAt !== owner.startedAt);
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function statusOf(pid: number): { isZombie: boolean; startedAt: string } | undefined {
  const text = attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  if (text === undefined) return undefined;
  // The command name, in parentheses, may hold anything; state and start time are fields 3 and 22.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { isZombie: fields[0] === 'Z', startedAt: fields[19] ?? '' };
}

function hostIdentity(): string {
  const boot = attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  const namespace = attempt(() => readlinkSync('/proc/self/ns/pid'));
  return [hostname(), boot, namespace].join(' ');
}

function attempt<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
