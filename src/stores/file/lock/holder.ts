import { v4 } from 'uuid';
import { currentProcess, type ProcessIdentity } from './process-identity.js';

/** Who holds a lock or writes a temporary file, as its name says. */
export interface Holder extends ProcessIdentity {
  /** The name: a random id, which is never used again, and the process. */
  readonly name: string;
}

const form = /^[\da-f]{24}\.(\d{1,10})\.(\d{1,20})\.([\da-f]{12})$/;

/** Creates the name of a new holder, or of a temporary file's writer, in this process. */
export function newHolderName(): string {
  const { pid, startedAt, host } = currentProcess();
  return [v4().replaceAll('-', '').slice(0, 24), pid, startedAt, host].join('.');
}

/** Reads a name; undefined where it has another form. */
export function parseHolder(name: string): Holder | undefined {
  const [, pid, startedAt, host] = form.exec(name) ?? [];
  if (!pid || !startedAt || !host) return undefined;
  return { name, pid: Number(pid), startedAt, host };
}
