#!/usr/bin/env node
import { exitCodes } from './failure.js';
import { run } from './run.js';

// A reader that has left (`tt-token | head -0`) is no failure, and a full disk must not end in a stack trace.
process.stderr.on('error', () => undefined);
process.stdout.on('error', ({ code = 'unknown error' }: NodeJS.ErrnoException) => {
  if (code === 'EPIPE') return;
  process.exitCode = exitCodes.failed;
  process.stderr.write(`tt-token: the result cannot be written (${code})\n`);
});

const exitCode = await run(process.argv.slice(2), process);
// Not process.exit(): a refresh that goes on in the background ends by itself. A stream that failed has
// set its own code.
process.exitCode ??= exitCode;
