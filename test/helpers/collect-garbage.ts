import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Collects what nobody refers to any more. */
export async function collectGarbage(): Promise<void> {
  // What a WeakRef has given lives until the end of the turn.
  await setImmediate();
  collect();
}
