import { CommandFailure, exitCodes } from './failure.js';

/*
 * What reads from the terminal is loaded here alone: every call of the command would load it with an import above.
 */

/**
 * Asks for a line on the terminal, and shows nothing of what is typed.
 * @throws CommandFailure when the user gives up, with Ctrl-C or Ctrl-D.
 */
export async function askHidden(question: string): Promise<string> {
  const { createInterface } = await import('node:readline');
  const { Writable } = await import('node:stream');
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  // Not before: from here on the terminal echoes nothing.
  process.stderr.write(question);
  try {
    return await new Promise<string>((resolve, reject) => {
      lines.on('line', (line) => resolve(line.trim()));
      lines.on('close', () => reject(givenUp()));
    });
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}

/** Reads everything that is piped in. */
export async function readInput(): Promise<string> {
  const { text } = await import('node:stream/consumers');
  return (await text(process.stdin)).trim();
}

function givenUp(): CommandFailure {
  const message = 'nothing was stored: the input ended';
  return new CommandFailure({ exitCode: exitCodes.failed, code: 'CANCELLED', message });
}
