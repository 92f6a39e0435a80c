// Calls to a child, a process or a worker thread, and their answers, over the channel that it has to its parent.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';

const limitMs = 60_000;
const env = { PATH: process.env.PATH, NODE_ENV: 'production' };

/** Starts a process that answers calls (see {@link answerCalls}); none takes longer than a minute. */
export function startChild(file, execArgv = []) {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), { execArgv, env });
  return callable(file, child, {
    send: (message) => child.send(message),
    end: () => child.kill('SIGKILL'),
  });
}

/** The same as a worker thread of this process. */
export function startThread(file) {
  const thread = new Worker(new URL(file, import.meta.url), { env });
  thread.once('error', (error) => console.error(error));
  return callable(file, thread, {
    send: (message) => thread.postMessage(message),
    end: () => void thread.terminate(),
  });
}

function callable(file, child, { send, end: endChild }) {
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
    send({ id, command, details });
    return answerTo(id, command);
  }

  async function kill() {
    if (end) return;
    endChild();
    await once(child, 'exit');
  }

  return { isReady: answerTo('start', `the start of ${file}`), call, kill, pid: child.pid };
}

/** In the child: answers each call with what the command of its name returns; ends with its parent. */
export function answerCalls(commands) {
  const parent = isMainThread ? process : parentPort;
  const send = (message) =>
    isMainThread ? process.send(message) : parentPort.postMessage(message);
  parent.on('message', async ({ id, command, details }) => {
    try {
      send({ id, result: await commands[command](details) });
    } catch (error) {
      send({ id, failure: `${command}: ${error.stack}` });
    }
  });
  process.on('disconnect', () => process.exit());
  send({ id: 'start' });
}
