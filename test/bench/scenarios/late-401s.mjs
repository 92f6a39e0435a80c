import { isOurs, nameOf } from '../clients/index.mjs';
import { requestToken } from '../clients/shared.mjs';
import { outcomeColumns, outcomesOf } from '../lib/outcomes.mjs';
import { takeTurns } from '../lib/rounds.mjs';

export const name = 'late-401s';
export const title = '500 requests whose token is revoked under way';

const callers = 500;
const clients = [
  'axios:tt-token-manager, axios',
  'axios:axios-token-interceptor',
  'axios:axios-auth-refresh',
  'axios:axios-auth-refresh, deduplicateRefresh: false',
  'ky:tt-token-manager, ky',
  'ky:ky README hooks',
  'fetch:tt-token-manager, fetch',
  'fetch:hand-written fetch',
  'fetch:@badgateway/oauth2-client',
  'fetch:@azure/msal-node, fetch',
  'gaxios:google-auth-library',
  'gaxios:google-auth-library, forceRefreshOnFailure',
  'azure:@azure/core-rest-pipeline, bearer policy',
];

/** Those that the summary shows beside the package. */
const others = ['axios:axios-auth-refresh', 'fetch:@badgateway/oauth2-client'];

export async function run({ isFull, progress, stage }) {
  const rounds = isFull ? 10 : 1;
  progress(`${clients.length} clients, ${rounds} rounds`);
  const service = await stage.startService();
  const settings = { origin: service.origin, api: 'http', name: 'bench' };
  const workers = await stage.startWorkers(clients.length);

  const results = await takeTurns(clients, rounds, async (id) => {
    const worker = workers[clients.indexOf(id)];
    await service.call('reset', { lateCount: callers });
    const token = await requestToken(settings);
    await worker.call('create', { id, ...settings, token, tokenFile: stage.newTokenFile() });
    const failure = await worker.call('request', { path: '/markets' });
    if (failure !== undefined) throw new Error(`${id}: ${failure}`);
    await service.call('forgetTokenRequests');
    const result = await worker.call('requestTogether', { count: callers, path: '/late' });
    return { ...result, tokenRequests: await service.call('tokenRequests') };
  });

  return {
    columns: ['client', ...outcomeColumns],
    rows: [...results].map(([id, list]) => {
      const { cells, short, oneRequest, noFailure } = outcomesOf(list);
      return {
        label: nameOf(id),
        cells,
        checks: isOurs(id) ? [oneRequest, noFailure] : [],
        short: isOurs(id) || others.includes(id) ? short : undefined,
      };
    }),
    note:
      `Rounds: ${rounds}. The 401s come over 200 ms, a token request takes 50 ms: ` +
      'the last of them are for a token that has been replaced meanwhile.',
  };
}
