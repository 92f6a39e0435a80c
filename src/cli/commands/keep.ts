import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { orAborted, throwIfAborted } from '../../base/abort.js';
import { isTokenError } from '../../base/errors.js';
import { isUnexpired, type Token } from '../../base/token.js';
import { type ResolvedOptions, resolveOptions } from '../../options/options.js';
import { replaceFile } from '../../stores/file/atomic-file.js';
import { expandHome } from '../../stores/file/default-path.js';
import { hasCode } from '../../stores/file/file-errors.js';
import { locate, type TokenLocation } from '../../stores/file/location.js';
import { createWake } from '../wake.js';
import { configure, type Call } from '../configuration.js';
import { CommandFailure, usageFailure } from '../failure.js';
import { describeToken, type Outcome, type Output } from '../output.js';
import { readStored, tokenFileOf } from '../stored-token.js';
import { openManager } from './get.js';

/** How often manager and store are asked for a newer token. */
const lookMs = 250;
const lookAtKeyringMs = 60_000;
/** None of the last few becomes current a second time: manager and store may be apart. */
const tokensRemembered = 4;

/** Keeps the token fresh, and in the file of `--write`, until SIGTERM or SIGINT. */
export async function keep(call: Call): Promise<Outcome> {
  const ending = new AbortController();
  const end = (): void => ending.abort();
  process.once('SIGTERM', end).once('SIGINT', end);
  try {
    await keepUntil(ending.signal, call);
  } catch (error) {
    if (!ending.signal.aborted) throw error;
  } finally {
    process.off('SIGTERM', end).off('SIGINT', end);
  }
  return { lines: [], fields: {} };
}

async function keepUntil(signal: AbortSignal, call: Call): Promise<void> {
  const { options, output, redact } = call;
  const resolved = configure(call, resolveOptions);
  const file = options.write === undefined ? undefined : await findFile(options.write, resolved);
  const manager = await openManager(call);
  const report = createReport(output);
  const wake = createWake();
  const quiet: Call = { ...call, output: { ...output, warning: () => undefined } };
  const seen: string[] = [];
  let isWritten = file === undefined;
  let isFirst = true;

  /** Makes a token current that has not been yet. */
  function take(token: Token | undefined): void {
    if (!token || seen.includes(token.accessToken) || !isUnexpired(token, Date.now())) return;
    redact.learnToken(token.accessToken);
    seen.unshift(token.accessToken);
    seen.length = Math.min(seen.length, tokensRemembered);
    isWritten = file === undefined;
    output.note(`token valid until ${describeToken(token, options).expiry}`);
  }

  async function write(path: string, token: string): Promise<void> {
    try {
      await replaceFile(path, token);
      isWritten = true;
      isFirst = false;
    } catch (error) {
      const message = `the file of --write cannot be written: ${redact.reason(error)}`;
      if (isFirst) throw new CommandFailure('WRITE_FAILED', message);
      report({ message });
    }
  }

  manager.on('refreshed', wake.raise);
  manager.on('refreshFailed', (failure) => {
    // Refused credentials without a token end the command, with their own message.
    if (seen.length > 0 || failure.code !== 'CREDENTIALS_REJECTED') report(failure);
  });
  try {
    for (;;) {
      take(await manager.getToken({ signal }).catch(reportPassing));
      // Another process may have replaced a token that the API refused.
      const stored = await orAborted(readStored(resolved, quiet), signal).catch(ignoreFailure);
      take(stored?.token);
      const [token] = seen;
      if (file !== undefined && token !== undefined && !isWritten) await write(file, token);
      const pauseMs = options.store === 'keyring' ? lookAtKeyringMs : lookMs;
      await Promise.race([wake.wait(), setTimeout(pauseMs, undefined, { signal })]);
    }
  } finally {
    await manager.close();
  }

  function reportPassing(error: unknown): undefined {
    if (!isTokenError(error) || error.code === 'CREDENTIALS_REJECTED') throw error;
    report(error);
  }

  function ignoreFailure(): undefined {
    throwIfAborted(signal);
  }
}

/** Creates a function that reports a failure in one line, and the same one once. */
function createReport(output: Output) {
  let last = '';
  return ({ message, retryAt }: { readonly message: string; readonly retryAt?: number }): void => {
    const next =
      retryAt === undefined ? '' : `; next attempt at ${new Date(retryAt).toISOString()}`;
    if (message + next !== last) output.warning(message + next);
    last = message + next;
  };
}

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
