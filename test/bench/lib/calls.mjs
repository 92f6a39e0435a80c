// Calls to a child process and their answers, over the channel that fork opens.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const limitMs = 60_000;

/** Starts a child that answers calls (see {@link answerCalls}); none takes longer than a minute. */
export function startChild(file, execArgv = []) {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), {
    execArgv,
    env: { PATH: process.env.PATH, NODE_ENV: 'production' },
  });
  const waiting = new Map();
  let lastId = 0;
  let end;

  child.on('message', ({ id, result, failure }) => {
    const { resolve, reject } = waiting.get(id) ?? {};
    if (failure === undefined) resolve?.(result);
    else reject?.(new Error(failure));
  });
  child.once('exit', (code, signal) => {
    end = new Error(`a child ended with ${code ?? signal}`);
    for (const { reject } of waiting.values()) reject(end);
  });

  function answerTo(id, command) {
    const answer = new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${command}: no answer`)), limitMs);
      const settle = (use) => (value) => {
        clearTimeout(timer);
        waiting.delete(id);
        use(value);
      };
      waiting.set(id, { resolve: settle(resolve), reject: settle(reject) });
    });
    answer.catch(() => undefined); // whoever waits for it is told; nobody has to
    return answer;
  }

  function call(command, details) {
    if (end) return Promise.reject(end);
    const id = ++lastId;
    child.send({ id, command, details });
    return answerTo(id, command);
  }

  async function kill() {
    if (end) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  return { isReady: answerTo('start', `the start of ${file}`), call, kill };
}

/** In the child: answers each call with what the command of its name returns; ends with its parent. */
export function answerCalls(commands) {
  process.on('message', async ({ id, command, details }) => {
    try {
      process.send({ id, result: await commands[command](details) });
    } catch (error) {
      process.send({ id, failure: `${command}: ${error.stack}` });
    }
  });
  process.on('disconnect', () => process.exit());
  process.send({ id: 'start' });
}
