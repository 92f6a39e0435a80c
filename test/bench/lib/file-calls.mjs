// Where there is no strace: counts the calls of node:fs that the file store makes.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

let counts;

function count(holder, name, shown = name) {
  const call = holder[name];
  holder[name] = function counted(...parts) {
    counts[shown] = (counts[shown] ?? 0) + 1;
    return call.apply(this, parts);
  };
}

/** How often each was called so far; the first call begins the count. */
export async function fileCalls() {
  if (counts) return counts;
  counts = {};
  const handle = await fs.promises.open(process.execPath, 'r');
  await handle.close();
  const methods = Object.getPrototypeOf(handle);
  for (const name of ['chmod', 'close', 'readFile', 'stat', 'writeFile']) count(methods, name);
  count(methods, 'sync', 'fsync');
  const names = ['chmod', 'lstat', 'mkdir', 'open', 'readdir', 'realpath', 'rename', 'rm', 'rmdir'];
  for (const name of [...names, 'stat']) count(fs.promises, name);
  for (const name of ['mkdir', 'rmdir', 'stat', 'utimes']) count(fs, name);
  syncBuiltinESMExports();
  return counts;
}
