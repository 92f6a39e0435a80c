// Gets a token, and kills itself before its file operation of the number given. Ends with 0 if it has fewer.
// Operations that only read are not counted: what others find is the same before and after them.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const CHANGING = /^(open|mkdir|rename|rm|rmdir|unlink|utimes|writeFile|chmod|symlink)(Sync)?$/;
const CHANGING_HANDLE = /^(write|writeFile|chmod|utimes|sync|truncate)$/;
const at = Number(process.env.MATRIX_KILL_AT);
const folder = process.env.MATRIX_FOLDER;
let count = 0;

/** Counts the calls of methods by their names in the folder, and those of handles. */
function watch(methods, names) {
  for (const name of Object.getOwnPropertyNames(methods).filter((one) => names.test(one))) {
    const call = methods[name];
    methods[name] = function watched(...args) {
      const [path] = args;
      if (methods === ofHandles || String(path).startsWith(folder)) count += 1;
      if (count === at) process.kill(process.pid, 'SIGKILL');
      return Reflect.apply(call, this, args);
    };
  }
}

const handle = await fs.promises.open(process.argv[1]);
const ofHandles = Object.getPrototypeOf(handle);
await handle.close();
watch(fs.promises, CHANGING);
watch(fs, CHANGING);
watch(ofHandles, CHANGING_HANDLE);
syncBuiltinESMExports();

const { createTokenManager, optionsFromEnv } = await import('tt-token-manager');
const manager = createTokenManager(optionsFromEnv());
await manager.getToken();
await manager.close();
