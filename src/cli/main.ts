#!/usr/bin/env node
import { run } from './run.js';

const exitCode = await run(process.argv.slice(2));
// Not process.exit(): a refresh that goes on in the background ends by itself. A stream that failed has
// set its own code.
process.exitCode ??= exitCode;
