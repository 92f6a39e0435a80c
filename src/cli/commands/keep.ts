import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { orAborted } from '../../base/abort.js';
import { isTokenError, type TokenError } from '../../base/errors.js';
import { isUnexpired } from '../../base/token.js';
import { type ResolvedOptions, resolveOptions } from '../../options/options.js';
import { replaceFile } from '../../stores/file/atomic-file.js';
import { expandHome } from '../../stores/file/default-path.js';
import { hasCode } from '../../stores/file/file-errors.js';
import { locate, type TokenLocation } from '../../stores/file/location.js';
import { configure, type Call } from '../configuration.js';
import { CommandFailure, usageFailure } from '../failure.js';
import { describeToken, type Outcome, type Output } from '../output.js';
import { readQuietly, tokenFileOf } from '../stored-token.js';
import { createWake } from '../wake.js';
import { openManager } from './get.js';

/** How often the store is looked at, for a token that another process put in the place of a refused one. */
const lookMs = 1_000;
const lookAtKeyringMs = 60_000;
/** SIGTERM never arrives on Windows; SIGBREAK is Ctrl-Break there, and SIGHUP a closed console. */
const endingSignals = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGBREAK'] as const;
/** Two instants that are nearer are one, computed twice. */
const sameInstantMs = 500;

/** Keeps the token fresh, and in the file of `--write`, until a signal ends it. */
export async function keep(call: Call): Promise<Outcome> {
  const ending = new AbortController();
  const end = (): void => ending.abort();
  for (const signal of endingSignals) process.once(signal, end);
  try {
    await keepUntil(ending.signal, call);
  } catch (error) {
    if (!ending.signal.aborted) throw error;
  } finally {
    for (const signal of endingSignals) process.off(signal, end);
  }
  return { lines: [], fields: {} };
}

async function keepUntil(signal: AbortSignal, call: Call): Promise<void> {
  const { options, output, redact } = call;
  const resolved = configure(call, resolveOptions);
  const file = options.write === undefined ? undefined : await findFile(options.write, resolved);
  const manager = await openManager(call, { autoRefresh: true });
  const reportRefresh = createReport(output);
  const reportWrite = createReport(output);
  const wake = createWake();
  let current = '';
  let written = '';

  /** Takes the manager's token, and writes it. */
  async function take(): Promise<void> {
    const token = await manager.getToken({ signal });
    if (token.accessToken !== current) {
      current = token.accessToken;
      redact.learnToken(current);
      reportRefresh();
      output.note(`token valid until ${describeToken(token, options).expiry}`);
    }
    if (file === undefined || written === current) return;
    try {
      await replaceFile(file, current);
      written = current;
      reportWrite();
    } catch (error) {
      // The temporary file has another name each time.
      const message = `the file of --write cannot be written (${codeOf(error)})`;
      if (written === '') throw new CommandFailure('WRITE_FAILED', message);
      reportWrite({ message });
    }
  }

  async function storedToken(): Promise<string | undefined> {
    const { token } = await orAborted(readQuietly(resolved, call), signal);
    return token && isUnexpired(token, Date.now()) ? token.accessToken : undefined;
  }

  manager.on('refreshed', wake.raise);
  manager.on('adopted', wake.raise);
  manager.on('refreshFailed', (failure) => {
    // Refused credentials without a token end the command, with their own message.
    if (current !== '' || failure.code !== 'CREDENTIALS_REJECTED') reportRefresh(failure);
  });
  try {
    let stored = await storedToken();
    for (;;) {
      await take().catch(reportPassing);
      const pauseMs = options.store === 'keyring' ? lookAtKeyringMs : lookMs;
      await wake.wait(pauseMs, signal);
      const before = stored;
      stored = await storedToken();
      // Another process has replaced our token: the manager finds the newer one in the store.
      const isReplaced = stored !== undefined && stored !== before && stored !== current;
      if (isReplaced) manager.invalidate(current);
    }
  } finally {
    await manager.close();
  }

  function reportPassing(error: unknown): void {
    if (!isTokenError(error) || error.code === 'CREDENTIALS_REJECTED') throw error;
    reportRefresh(error);
  }
}

/** Creates a function that reports a failure in one line, the same one once; without one, the row of failures ends. */
function createReport(output: Output) {
  let last: Failing | undefined;
  return (failure?: Failing): void => {
    const before = last;
    last = failure;
    if (!failure) return;
    const { message, retryAt = 0 } = failure;
    const isSame = message === before?.message && retryAt - (before.retryAt ?? 0) < sameInstantMs;
    if (isSame) return;
    const next = retryAt > 0 ? `; next attempt at ${new Date(retryAt).toISOString()}` : '';
    output.warning(message + next);
  };
}

type Failing = Pick<TokenError, 'message' | 'retryAt'>;

/**
 * The file of `--write`, behind links.
 * @throws CommandFailure where it is no file, is the token file, or its folder does not exist.
 */
async function findFile(path: string, resolved: ResolvedOptions): Promise<string> {
  // resolve() throws where the working directory has been removed.
  const find = async (): Promise<TokenLocation> => locate(resolve(expandHome(path)));
  const found = await find().catch((error: unknown) => {
    if (hasCode(error, 'EINVAL'))
      throw usageFailure('--write must name a file, no folder or device');
    throw usageFailure(`--write names a file that cannot be used (${codeOf(error)})`);
  });
  const folder = await stat(found.folder).catch(() => undefined);
  if (!folder?.isDirectory()) throw usageFailure('the folder of --write does not exist: make it');
  const tokenFile = await locate(tokenFileOf(resolved)).catch(() => undefined);
  if (tokenFile?.file === found.file) {
    throw usageFailure('--write must not name the token file, which holds more than the token');
  }
  return found.file;
}

function codeOf(error: unknown): string {
  return String((error as Partial<NodeJS.ErrnoException>).code);
}
