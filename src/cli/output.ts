import { writeSync } from './builtins.js';
import { exitCodes, type CommandFailure, type ExitCode } from './failure.js';

/** What a call of the command came to. */
export interface Outcome {
  readonly exitCode: ExitCode;
  /** The result for people, one line each. */
  readonly lines: readonly string[];
  /** The result for programs; undefined members are left out. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Where results, failures and warnings go. */
export interface Output {
  /** Prints a result, on stdout. */
  result(outcome: Outcome): void;
  /** Prints why there is no result: on stderr, or as the JSON object on stdout. */
  failure(failure: CommandFailure): void;
  /** Prints what does not change the result, on stderr. */
  warning(text: string): void;
}

/** Creates the output of one call. */
export function createOutput(asJson: boolean): Output {
  return {
    result: ({ lines, fields }) => print(asJson ? JSON.stringify(fields) : lines.join('\n')),
    failure({ message, code, retryAt }) {
      const retry_at = retryAt === undefined ? undefined : new Date(retryAt).toISOString();
      if (asJson) print(JSON.stringify({ success: false, error: message, code, retry_at }));
      else warn(retry_at === undefined ? message : `${message}; not before ${retry_at}`);
    },
    warning: (text) => warn(`warning: ${text}`),
  };
}

/** Prints a text on stdout. */
export function print(text: string): void {
  write(1, `${text}\n`);
}

function warn(text: string): void {
  write(2, `tt-token: ${text}\n`);
}

let usesStreams = false;

/** Setting up a stream takes 3 ms: only what cannot be written at once, such as into a full pipe, goes that way. */
function write(fd: 1 | 2, text: string): void {
  const bytes = Buffer.from(text);
  const rest = usesStreams ? bytes : bytes.subarray(writeAtOnce(fd, bytes));
  if (rest.length === 0) return;
  if (!usesStreams) guardStreams();
  usesStreams = true;
  (fd === 1 ? process.stdout : process.stderr).write(rest);
}

/** The number of bytes that could be written; what the problem was, the stream will tell. */
function writeAtOnce(fd: 1 | 2, bytes: Buffer): number {
  try {
    return writeSync(fd, bytes);
  } catch {
    return 0;
  }
}

/** Keeps a reader that has left (`tt-token | head -0`) or a full disk from ending in a stack trace. */
function guardStreams(): void {
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') return;
    process.exitCode = exitCodes.failed;
    warn(`the result cannot be written (${code ?? 'unknown error'})`);
  });
}
