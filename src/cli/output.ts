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
  process.stdout.write(`${text}\n`);
}

function warn(text: string): void {
  process.stderr.write(`tt-token: ${text}\n`);
}

/** Keeps a reader that has left (`tt-token | head -0`) or a full disk from ending in a stack trace. */
export function guardStreams(): void {
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') return;
    process.exitCode = exitCodes.failed;
    warn(`the result cannot be written (${code ?? 'unknown error'})`);
  });
}
