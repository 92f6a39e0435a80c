// What the checks of the recipes use: the stand-in with its variables, and programs that have an end.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFakeTT } from 'tt-token-manager/testing';

const LIMIT_MS = 60_000;

/** Starts the stand-in; gives it with the variables that lead to it. Ends with this program. */
export async function setUp(options) {
  const tt = await startFakeTT(options);
  const folder = mkdtempSync(join(tmpdir(), 'tt-recipe-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const { PATH } = process.env;
  const variables = {
    ...{ PATH, HOME: folder, TMPDIR: folder, PORT: '0', TT_BASE_URL: tt.url },
    ...{ TT_API_KEY: tt.apiKey, TT_API_SECRET: tt.apiSecret },
    ...{ TT_APP_NAME: 'My App', TT_COMPANY_NAME: 'Acme Co' },
    TT_TOKEN_FILE: join(folder, 'token.json'),
  };
  return { tt, folder, variables };
}

/** Starts a program, with Node and its loader unless it is another one. */
export function start(args, variables, file = process.execPath) {
  const all = file === process.execPath ? [...process.execArgv, ...args] : args;
  const child = spawn(file, all, { env: variables, stdio: ['ignore', 'pipe', 'pipe'] });
  const printed = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) {
    child[name].setEncoding('utf8').on('data', (text) => (printed[name] += text));
  }
  const end = () => child.kill('SIGKILL');
  const timer = setTimeout(end, LIMIT_MS);
  process.once('exit', end);
  const ended = once(child, 'close').then(([code, signal]) => {
    clearTimeout(timer);
    process.off('exit', end);
    return { code, signal, ...printed };
  });
  return { child, printed, ended };
}

/** Waits until a program has printed a text; fails if it ends without. Gives what matched. */
export async function untilPrinted({ child, printed, ended }, pattern) {
  let isOver = false;
  const over = ended.then(() => (isOver = true));
  for (;;) {
    const match = pattern.exec(printed.stdout + printed.stderr);
    if (match) return match;
    if (isOver) throw new Error(`ended without ${pattern}:\n${printed.stdout}${printed.stderr}`);
    await Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data'), over]);
  }
}

/** Starts a service of a recipe; gives its URL too. */
export async function serve(args, variables) {
  const program = start(args, variables);
  const [, port] = await untilPrinted(program, /listening on .*?(\d+)\/?\n/);
  return { ...program, url: `http://127.0.0.1:${port}` };
}

/** Asks a service; gives status, headers of interest and the body. */
export async function ask(url) {
  const response = await fetch(url);
  return {
    status: response.status,
    retryAfter: Number(response.headers.get('retry-after')),
    body: await response.text(),
  };
}
