// Programs that a cell starts: what each printed, and that each has an end.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const LIMIT_MS = 180_000;
const LAST_LINES = 30;

/** Starts a program as the head of a process group, so that all that it starts ends with it. */
export function start(file, args, { cwd, env, limitMs = LIMIT_MS, stdin = 'ignore' } = {}) {
  const stdio = [stdin, 'pipe', 'pipe'];
  const child = spawn(file, args, { cwd, env: env ?? process.env, stdio, detached: true });
  const printed = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) {
    child[name].setEncoding('utf8').on('data', (text) => (printed[name] += text));
  }
  const end = () => {
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // All of the group have ended.
    }
  };
  const timer = setTimeout(() => {
    printed.stderr += `\nended after ${limitMs / 1_000} s`;
    end();
  }, limitMs);
  process.prependOnceListener('exit', end);
  const ended = once(child, 'close').then(([code, signal]) => {
    clearTimeout(timer);
    end();
    process.off('exit', end);
    return { ...printed, code, signal };
  });
  return { child, printed, end, ended, name: nameOf(file, args) };
}

/** Runs a program to its end; gives what it printed and its exit code. */
export function run(file, args, options) {
  return start(file, args, options).ended;
}

/** Runs a program that has to succeed; gives what it printed on stdout. */
export async function succeed(file, args, options) {
  return successOf(start(file, args, options));
}

/** What a started program printed on stdout, once it has ended with success. */
export async function successOf({ ended, name }) {
  const result = await ended;
  if (result.code === 0) return result.stdout;
  throw new Error(failureOf(name, result));
}

/** Waits until a started program has printed something on stdout; fails if it ends without. */
export async function untilPrinted({ child, printed, ended, name }, text = '') {
  const endedFirst = ended.then((result) => {
    if (result.stdout === '' || !result.stdout.includes(text))
      throw new Error(failureOf(name, result));
  });
  endedFirst.catch(() => undefined);
  while (printed.stdout === '' || !printed.stdout.includes(text)) {
    await Promise.race([once(child.stdout, 'data'), endedFirst]);
  }
}

/** The last line that a program printed, which is JSON. */
export function lastJson(stdout) {
  return JSON.parse(stdout.trimEnd().split('\n').at(-1));
}

/** Says how a program ended, with the last lines of what it printed. */
export function failureOf(name, { code, signal, stdout, stderr }) {
  const lines = `${stdout.trimEnd()}\n${stderr.trimEnd()}`.trim().split('\n');
  return `${name} ended with ${code ?? signal}:\n${lines.slice(-LAST_LINES).join('\n')}`;
}

function nameOf(file, args) {
  return [file, ...args].map((part) => part.split('/').at(-1)).join(' ');
}
