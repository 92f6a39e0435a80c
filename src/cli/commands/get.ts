import { configure, type Call } from '../configuration.js';
import { expiryFields, expiryText, tokenLines } from '../expiry.js';
import { exitCodes } from '../failure.js';
import type { Outcome } from '../output.js';
import { openKeyringStore } from '../system-keyring.js';

/**
 * Gets a token. The manager is not closed: a refresh of an ageing token goes on in the background, and
 * the process ends with it.
 */
export async function getToken(call: Call): Promise<Outcome> {
  const { given, output } = call;
  const { forceRefresh, show } = given;
  const store = given.store === 'keyring' ? await openKeyringStore(call) : undefined;
  // Half of the start-up time: not for those who only verify.
  const { createTokenManager } = await import('../../manager/manager.js');
  const manager = configure(call, (options) =>
    createTokenManager({ ...options, store, autoRefresh: false }),
  );
  const unsubscribe = manager.on('storeFailed', ({ operation, message }) => {
    unsubscribe();
    const outcome =
      operation === 'read' ? 'what it holds counts as none' : 'others may not find this token';
    const name = store ? 'the system keyring' : 'the token file';
    output.warning(`${name} failed (${operation}: ${message}); ${outcome}`);
  });
  const token = await manager.getToken({ forceRefresh });
  const now = Date.now();
  return {
    exitCode: exitCodes.success,
    lines: [`token valid until ${expiryText(token, now)}`, ...tokenLines(token, show)],
    fields: { success: true, ...expiryFields(token, now, show) },
  };
}
