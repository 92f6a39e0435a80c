// A program with its own way to end, which has a manager at some stage of its life, or none at all.
import { writeSync } from 'node:fs';
import { createRequire } from 'node:module';

const [, , stage, ending] = process.argv;

const endings = {
  'has no handler': undefined,
  'exits at once': () => process.exit(7),
  'closes first': async () => {
    await manager?.close();
    process.exitCode = 5;
    process.disconnect();
  },
  'goes on': () => undefined,
};
const handler = endings[ending];
if (handler) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      writeSync(1, `handles ${signal}\n`);
      return handler();
    });
  }
}

/** What proper-lockfile uses too. */
function useSignalExit() {
  createRequire(import.meta.url)('signal-exit')((_, signal) => {
    writeSync(1, `handles ${signal}\n`);
  });
}
if (ending === 'uses signal-exit') useSignalExit();

let manager;
let call;
if (stage !== 'without a manager') {
  const { createTokenManager, optionsFromEnv } = await import('tt-token-manager');
  manager = createTokenManager(optionsFromEnv());
  if (stage !== 'before a refresh') call = manager.getToken();
  call?.catch(() => undefined);
  if (stage === 'after a refresh') await call;
}

const commands = {
  /** Ends as a program does whose work is done. */
  async finish() {
    await call;
    process.disconnect();
  },
  throw() {
    throw new Error('the program is broken');
  },
  block() {
    writeSync(1, 'blocked\n');
    Atomics.wait(new Int32Array(new globalThis.SharedArrayBuffer(4)), 0, 0, 20_000);
    writeSync(1, 'no longer blocked\n');
  },
};
if (ending === 'uses signal-exit from now on') useSignalExit();
process.on('message', (command) => commands[command]());
process.send('ready');
