// Polls TT's API inside its quota: p-queue spaces the calls, axios-retry repeats what failed for a moment, opossum stops
// asking an API that is down.   npm install tt-token-manager axios axios-retry opossum p-queue
import axios, { isAxiosError } from 'axios';
import axiosRetry from 'axios-retry';
import CircuitBreaker from 'opossum';
import PQueue from 'p-queue';
import { setTimeout as wait } from 'node:timers/promises';
import { createTokenManager, isTokenError, optionsFromEnv } from 'tt-token-manager';
import { authenticateAxios } from 'tt-token-manager/axios';

const { ROUNDS = 'Infinity', PAUSE_MS = '5000', TOKEN_WAIT_MS = '30000' } = process.env;
const paths = (process.env.PATHS ?? 'ttpds/markets ttmonitor/position').split(' ');

const manager = createTokenManager(optionsFromEnv());
const client = axios.create({ timeout: 10_000 });
authenticateAxios(client, manager);
// Each try again has a new request ID and the current token. Not again: a 401, which the package has replayed already,
// other 4xx, and TokenErrors, whose token request the manager has repeated already.
axiosRetry(client, { retries: 2, retryDelay: axiosRetry.exponentialDelay });

/** A breaker counts what says that the API is down: no missing token, none of your own mistakes, no quota. */
const isNotTheApi = (error) =>
  isTokenError(error) || (isAxiosError(error) && (error.response?.status ?? 500) < 500);
// Without a timeout of its own: axios has one, and a breaker's would count the wait for a token.
const breaker = new CircuitBreaker(get, {
  timeout: false,
  errorFilter: isNotTheApi,
  volumeThreshold: 4,
  resetTimeout: 10_000,
});
const queue = new PQueue({ intervalCap: 3, interval: 1_000, concurrency: 3 }); // TT's free plan

function get(path) {
  const [service, ...rest] = path.split('/');
  return client.get(manager.apiUrl(service, rest.join('/')));
}

/** Asks again at `retryAt`, before which no call has a chance, if that is soon enough; without waiting, otherwise. */
async function poll(path) {
  const giveUpAt = Date.now() + Number(TOKEN_WAIT_MS);
  for (;;) {
    try {
      return (await breaker.fire(path)).status;
    } catch (error) {
      if (!isTokenError(error) || !(error.retryAt <= giveUpAt)) return error.code ?? error.message;
      await wait(Math.max(0, error.retryAt - Date.now()));
    }
  }
}

for (let round = 0; round < Number(ROUNDS); round++) {
  const results = await Promise.all(paths.map((path) => queue.add(() => poll(path))));
  console.log(paths.map((path, index) => `${path} ${results[index]}`).join(', '));
  await wait(Number(PAUSE_MS));
}
breaker.shutdown();
await manager.close();
