/** What the exit code of the command says. */
export const exitCodes = { success: 0, failed: 1, wrongUsage: 2, notValid: 3 } as const;

/** An exit code of the command. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const wrongUsage = 'INVALID_CONFIGURATION';

/** The command cannot do what it was asked for: what happened and what to do, in one line without secrets. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';

  /**
   * @param code stable name of the condition, for `--output json`
   * @param retryAt epoch ms before which another try fails, too
   */
  constructor(
    readonly code: string,
    message: string,
    readonly retryAt?: number,
  ) {
    super(message);
  }

  get exitCode(): ExitCode {
    return this.code === wrongUsage ? exitCodes.wrongUsage : exitCodes.failed;
  }
}

/** The command was called, or set up, wrongly. */
export function usageFailure(message: string): CommandFailure {
  return new CommandFailure(wrongUsage, message);
}
