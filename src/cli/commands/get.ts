import type { Token } from '../../base/token.js';
import { resolveOptions, storeIdentity } from '../../options/options.js';
import type { TokenManager } from '../../manager/token-manager.js';
import type { StoreOperation } from '../../manager/events.js';
import type { TokenStore } from '../../stores/store.js';
import { configure, type Call } from '../configuration.js';
import { describeToken, type Outcome } from '../output.js';
import { placeOf } from '../stored-token.js';
import { readKeyringRecord } from '../system-keyring.js';

/**
 * Gets a token. The manager is not closed: a refresh of an ageing token goes on in the background, and
 * the process ends with it.
 */
export async function getToken(call: Call): Promise<Outcome> {
  const manager = await openManager(call);
  const report = createReport(manager, call);
  const { 'force-refresh': forceRefresh = false } = call.options;
  return report(await manager.getToken({ forceRefresh }));
}

/** Creates the function that makes an outcome of a token; it says where the store could not keep one. */
export function createReport(manager: TokenManager, call: Call): (token: Token) => Outcome {
  const failed = new Set<StoreOperation>();
  manager.on('storeFailed', ({ operation }) => failed.add(operation));
  const place = placeOf(configure(call, resolveOptions), call);
  return (token) => {
    const { expiry, lines, fields } = describeToken(token, call.options);
    return {
      lines: [`token valid until ${expiry}`, ...lines],
      fields: { success: true, ...fields, ...place, ...(failed.has('write') && { stored: false }) },
      token: token.accessToken,
    };
  };
}

/**
 * Creates the manager of a call, by default without a timer of its own. A failure of its store is a warning: the
 * first one, or, where the manager stays, the first of each outage.
 */
export async function openManager(call: Call, { autoRefresh = false } = {}): Promise<TokenManager> {
  const { options, output } = call;
  const store = options.store === 'keyring' ? await openKeyring(call) : undefined;
  // Half of the start-up time: only --verify does without.
  const { createTokenManager } = await import('../../manager/manager.js');
  const manager = configure(call, (given) => createTokenManager({ ...given, store, autoRefresh }));
  const unsubscribe = manager.on('storeFailed', ({ operation, message }) => {
    if (!autoRefresh) unsubscribe();
    const outcome =
      operation === 'read' ? 'what it holds counts as none' : 'others may not find this token';
    const name = store ? 'the system keyring' : 'the token file';
    output.warning(`${name} failed (${operation}: ${message}); ${outcome}`);
  });
  return manager;
}

/** The keyring as a store, once it has answered: its user has time to unlock it. */
async function openKeyring(call: Call): Promise<TokenStore> {
  await readKeyringRecord(configure(call, (given) => storeIdentity(resolveOptions(given))));
  return (await import('../../stores/keyring/index.js')).keyringStore();
}
