import type { Token } from '../base/token.js';
import type { Arguments, Format } from './arguments.js';
import { exitCodes, type CommandFailure, type ExitCode } from './failure.js';

/** What a call of the command came to. */
export interface Outcome {
  /** @default exitCodes.success */
  readonly exitCode?: ExitCode;
  /** The result for people, one line each. */
  readonly lines: readonly string[];
  /** The result for programs; undefined members are left out. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** The token, for `--output token`. */
  readonly token?: string | undefined;
}

/** The streams that the command prints to. */
export interface Streams {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

/** Where results, failures and warnings go. */
export type Output = ReturnType<typeof createOutput>;

/** Creates the output of one call. */
export function createOutput({ stdout, stderr }: Streams, format: Format) {
  const print = (text: string): void => void stdout.write(`${text}\n`);
  const complain = (text: string): void => void stderr.write(`tt-token: ${text}\n`);
  return {
    /** Prints a text on stdout. */
    print,
    /** Prints a result on stdout; where `--output token` gets none, why not, on stderr. */
    result({ exitCode = exitCodes.success, lines, fields, token }: Outcome): void {
      if (format === 'json') print(JSON.stringify(fields));
      else if (format === 'text') lines.forEach(print);
      else if (exitCode === exitCodes.success && token !== undefined) print(token);
      else complain(lines[0] ?? 'no token');
    },
    /** Prints why there is no result: on stderr, or as the JSON object on stdout. */
    failure({ message, code, retryAt }: CommandFailure): void {
      const retry_at = retryAt === undefined ? undefined : new Date(retryAt).toISOString();
      if (format === 'json')
        print(JSON.stringify({ success: false, error: message, code, retry_at }));
      else complain(retry_at === undefined ? message : `${message}; not before ${retry_at}`);
    },
    /** Prints on stderr what happened. */
    note: complain,
    /** Prints on stderr what does not change the result. */
    warning: (text: string): void => complain(`warning: ${text}`),
  };
}

/** What is printed of a token, for people and for programs; its value with `--show` only. */
export function describeToken({ accessToken, expiresAt }: Token, { show }: Arguments['options']) {
  const expiry_time = new Date(expiresAt).toISOString();
  const leftMs = expiresAt - Date.now();
  const distance = leftMs > 0 ? `in ${duration(leftMs)}` : `${duration(-leftMs)} ago`;
  const seconds_until_expiry = Math.max(0, Math.floor(leftMs / 1_000));
  return {
    /** When it expires, `2026-01-31T12:00:00.000Z (in 23 h 59 min)`. */
    expiry: `${expiry_time} (${distance})`,
    lines: show ? [`token: ${accessToken}`] : [],
    fields: { expiry_time, seconds_until_expiry, ...(show && { token: accessToken }) },
  };
}

function duration(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1_000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (minutes === 0) return `${seconds} s`;
  return hours === 0 ? `${minutes} min` : `${hours} h ${minutes % 60} min`;
}
