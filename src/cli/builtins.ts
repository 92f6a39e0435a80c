/**
 * To import node:fs or node:util into an ES module loads each of their parts, wanted or not, which takes
 * 3 ms. What is got this way comes alone.
 */
export const { readFileSync, realpathSync, statSync, unlinkSync, writeSync } =
  process.getBuiltinModule('node:fs');
/** The same of node:util. */
export const { parseArgs, parseEnv } = process.getBuiltinModule('node:util');
