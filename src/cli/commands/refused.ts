import { TokenError } from '../../base/errors.js';
import { isHeaderText, type Token } from '../../base/token.js';
import type { TokenManagerEvents } from '../../manager/events.js';
import { resolveOptions } from '../../options/options.js';
import { restMs } from '../../records/record.js';
import { configure, type Call } from '../configuration.js';
import { exitCodes, usageFailure } from '../failure.js';
import { describeToken, type Outcome } from '../output.js';
import { readStandardInput } from '../standard-input.js';
import { placeOf, readQuietly } from '../stored-token.js';
import { createReport, openManager } from './get.js';

/**
 * Replaces a token that the API refused, as the adapters do: the store may hold a newer one already, or else one
 * process asks for all, no sooner than the spacing of such refreshes allows.
 */
export async function refused(call: Call): Promise<Outcome> {
  const accessToken = bareToken(await readStandardInput('the refused token'));
  call.redact.learnToken(accessToken);
  const manager = await openManager(call);
  const report = createReport(manager, call);
  let failure: TokenManagerEvents['refreshFailed'] | undefined;
  manager.on('refreshFailed', (event) => (failure = event));

  // First the token of the store: what it does not hold is not replaced.
  await manager.getToken();
  manager.invalidate(accessToken);
  const token = await manager.getToken();
  if (token.accessToken !== accessToken) return report(token);
  if (failure) throw new TokenError(failure);
  return staying(token, call);
}

/** What is said of a refused token that is not replaced now. */
async function staying(token: Token, call: Call): Promise<Outcome> {
  const resolved = configure(call, resolveOptions);
  const { failure, spacing } = await readQuietly(resolved, call);
  const failureEndsAt = failure ? failure.failedAt + restMs(failure) : 0;
  // Another process tried, in vain, and nobody is to try again so soon.
  if (failure && failureEndsAt > Date.now())
    throw new TokenError({ ...failure, retryAt: failureEndsAt });
  const retryAt = spacing && new Date(spacing.refreshedAt + spacing.waitMs).toISOString();
  const { expiry, lines, fields } = describeToken(token, call.options);
  const before = retryAt ? ` before ${retryAt}` : ' now';
  const error = `the API refused a token again so soon: it is not replaced${before}, and stays in use until ${expiry}`;
  return {
    exitCode: exitCodes.notValid,
    lines: [error, ...lines],
    fields: {
      success: false,
      error,
      code: 'REFRESH_TOO_SOON',
      ...(retryAt && { retry_at: retryAt }),
      ...fields,
      ...placeOf(resolved, call),
    },
  };
}

/**
 * The token in a text, which may have a line end.
 * @throws CommandFailure that repeats nothing of it.
 */
function bareToken(text: string): string {
  const token = text.trim();
  if (token === '') throw usageFailure('standard input is empty: give the refused token there');
  if (/^bearer\s/i.test(token))
    throw usageFailure('give the token alone, without "Bearer" in front of it');
  if (/[\r\n]/.test(token)) throw usageFailure('give one token, in one line');
  if (!isHeaderText(token))
    throw usageFailure(
      'what standard input holds is no token: it must be printable ASCII without spaces',
    );
  return token;
}
