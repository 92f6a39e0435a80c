// Programs that a cell starts: what each printed, and that each has an end.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const LIMIT_MS = 240_000;

/** Starts a program as the head of a process group, so that all that it starts can be ended with it. */
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
  const timer = setTimeout(end, limitMs);
  process.once('exit', end);
  const ended = once(child, 'close').then(([code, signal]) => {
    clearTimeout(timer);
    process.off('exit', end);
    return { ...printed, code, signal };
  });
  return { child, printed, end, ended };
}

/** Runs a program to its end; gives what it printed and its exit code. */
export function run(file, args, options) {
  return start(file, args, options).ended;
}

/** Runs a program that has to succeed; gives what it printed on stdout. */
export async function succeed(file, args, options) {
  const { code, signal, stdout, stderr } = await run(file, args, options);
  if (code === 0) return stdout;
  throw new Error(`${nameOf(file, args)} ended with ${code ?? signal}:\n${stdout}${stderr}`);
}

/** The last line that a program printed, which is JSON. */
export function lastJson(stdout) {
  return JSON.parse(stdout.trimEnd().split('\n').at(-1));
}

function nameOf(file, args) {
  return [file, ...args].map((part) => part.split('/').at(-1)).join(' ');
}
