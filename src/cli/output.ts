import type { CommandFailure, ExitCode } from './failure.js';

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
  /** Prints a text on stdout. */
  print(text: string): void;
  /** Prints a result, on stdout. */
  result(outcome: Outcome): void;
  /** Prints why there is no result: on stderr, or as the JSON object on stdout. */
  failure(failure: CommandFailure): void;
  /** Prints what does not change the result, on stderr. */
  warning(text: string): void;
}

/** The streams that the command prints to. */
export interface Streams {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

/** Creates the output of one call. */
export function createOutput({ stdout, stderr }: Streams, asJson: boolean): Output {
  const print = (text: string): void => void stdout.write(`${text}\n`);
  const complain = (text: string): void => void stderr.write(`tt-token: ${text}\n`);
  return {
    print,
    result: ({ lines, fields }) => print(asJson ? JSON.stringify(fields) : lines.join('\n')),
    failure({ message, code, retryAt }) {
      const retry_at = retryAt === undefined ? undefined : new Date(retryAt).toISOString();
      if (asJson) print(JSON.stringify({ success: false, error: message, code, retry_at }));
      else complain(retry_at === undefined ? message : `${message}; not before ${retry_at}`);
    },
    warning: (text) => complain(`warning: ${text}`),
  };
}
