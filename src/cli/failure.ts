/** What the exit code of the command says. */
export const exitCodes = { success: 0, failed: 1, wrongUsage: 2, notValid: 3 } as const;

/** An exit code of the command. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** What a {@link CommandFailure} is made of. */
export interface CommandFailureDetails {
  readonly exitCode: ExitCode;
  /** Stable name of the condition, for `--output json`. */
  readonly code: string;
  /** What happened and what to do, in one line and free of secrets. */
  readonly message: string;
  /** Epoch ms before which another try is of no use. */
  readonly retryAt?: number | undefined;
}

/** The command cannot do what it was asked for. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly exitCode: ExitCode;
  readonly code: string;
  readonly retryAt: number | undefined;

  constructor({ exitCode, code, message, retryAt }: CommandFailureDetails) {
    super(message);
    this.exitCode = exitCode;
    this.code = code;
    this.retryAt = retryAt;
  }
}

/** The command was called, or set up, wrongly. */
export function usageFailure(message: string): CommandFailure {
  return new CommandFailure({
    exitCode: exitCodes.wrongUsage,
    code: 'INVALID_CONFIGURATION',
    message,
  });
}
