import axios from 'axios';
import axiosOldest from 'axios-oldest';
import fc from 'fast-check';
import ky from 'ky';
import kyOldest from 'ky-oldest';
import { fetch as undiciFetch, FormData as UndiciFormData, Request as UndiciRequest } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authenticateAxios } from '../../src/adapters/axios/index.js';
import { createTokenManager, memoryStore, type TokenManager } from '../../src/index.js';
import { isFull } from '../helpers/full.js';
import { grantingFetch } from '../helpers/granting-fetch.js';
import { axiosClient } from './differential/axios-client.js';
import { cases, type Case } from './differential/cases.js';
import type { Call, Client } from './differential/client.js';
import { startEchoServer, type EchoServer } from './differential/echo-server.js';
import { fetchClient } from './differential/fetch-client.js';
import { kyClient } from './differential/ky-client.js';
import {
  anotherCopy,
  overFew,
  overOwnAdapter,
  throwingAdapter,
  throwingFetch,
  withAdapter,
  withConnections,
  withoutIntegrity,
  withSockets,
} from './differential/layers.js';
import { seenOfArrival } from './differential/seen.js';
import { authenticateOldestAxios } from './axios/oldest-axios.js';

const newest = { create: axios.create, authenticate: authenticateAxios };
const oldest = {
  create: axiosOldest.create as unknown as typeof axios.create,
  authenticate: authenticateOldestAxios,
};
const undici = {
  ...{ fetch: undiciFetch, Request: UndiciRequest, FormData: UndiciFormData },
} as unknown as typeof globalThis;
const undiciOver = (connections: number) => ({ ...undici, fetch: withConnections(connections) });

const clients: readonly Client[] = [
  axiosClient('axios, http', newest, 'http'),
  axiosClient('axios, fetch', newest, 'fetch'),
  axiosClient('axios 1.6.0, http', oldest, 'http'),
  overFew(axiosClient('axios, one connection', withSockets(newest, 1), 'http')),
  overFew(axiosClient('axios, four connections', withSockets(newest, 4), 'http')),
  overOwnAdapter(
    axiosClient('axios, an adapter that throws', withAdapter(newest, throwingAdapter), 'http'),
  ),
  overOwnAdapter(axiosClient("axios, 1.6.0's adapter", withAdapter(newest, anotherCopy), 'http')),
  fetchClient('global fetch', globalThis),
  fetchClient("undici's fetch", undici),
  fetchClient("undici's fetch, one connection", undiciOver(1)),
  fetchClient("undici's fetch, four connections", undiciOver(4)),
  withoutIntegrity(fetchClient('a fetch that throws', { Request, FormData, fetch: throwingFetch })),
  kyClient('ky 2', ky),
  kyClient('ky 1.5.0', kyOldest as unknown as typeof ky),
];

const count = isFull ? 400 : 100;

let server: EchoServer;
let manager: TokenManager;

beforeAll(async () => {
  server = await startEchoServer();
  const { own, sibling, silent } = server.origins;
  manager = createTokenManager({
    ...{ apiKey: 'key', apiSecret: 'secret', appName: 'Bare', companyName: 'Wrapped' },
    ...{ baseUrl: own, trustedOrigins: [sibling, silent], fetch: grantingFetch().fetch },
    ...{ store: memoryStore(), autoRefresh: false },
  });
  await manager.getToken();
});

afterAll(async () => {
  await manager.close();
  await server.close();
});

/** What the caller sees of a call, and the servers. */
async function observe(call: Call, asked: Case): Promise<{ seen: object; arrivals: object[] }> {
  const controller = new AbortController();
  const { token: cancelToken, cancel } = axios.CancelToken.source();
  const { plan, stop, hasReason } = asked;
  const abort = (): void => {
    controller.abort(hasReason ? new RangeError('the reason') : undefined);
    cancel('the reason');
  };
  const arrivals = server.play(plan, stop === 'abort' ? abort : () => undefined);
  if (stop === 'aborted') abort();
  // On a busy machine a timeout may come before the request: what arrives must not matter then.
  const origin = stop === 'timeout' ? server.origins.silent : server.origins.own;
  const canAbort = stop === 'could' || stop === 'abort' || stop === 'aborted';
  const seen = await call(origin, asked, {
    signal: canAbort ? controller.signal : undefined,
    cancelToken: canAbort ? cancelToken : undefined,
    timeoutMs: stop === 'timeout' ? 30 : stop === 'could' ? 60_000 : undefined,
  });
  // Whether there is a response already when the signal aborts is left to chance.
  const inBody = plan.ending === 'stuck' && 'body' in seen ? seen.body : undefined;
  return { seen: inBody ?? seen, arrivals: arrivals.map((one) => seenOfArrival(one, asked)) };
}

describe.each(clients)('$name', ({ connect, tailored = (asked) => asked, staysHere }) => {
  it(`behaves with a manager as it does without, for ${count} calls of all kinds`, async () => {
    const bare = connect();
    const wrapped = connect(manager);
    // A manager that is not of this package has no short way to its token.
    const slow = connect(Object.fromEntries(Object.entries(manager)) as unknown as TokenManager);
    let [answers, failures, redirected] = [0, 0, 0];
    const property = fc.asyncProperty(cases.map(tailored), async (asked) => {
      const expected = await observe(bare, asked);
      const actual = await observe(asked.isTokenAtHand ? wrapped : slow, asked);
      expect(actual).toEqual(expected);
      answers += Number('body' in expected.seen);
      failures += Number('error' in expected.seen);
      redirected += Number(expected.arrivals.length > 1);
    });
    await fc.assert(property, { seed: 3, numRuns: count, timeout: 20_000 });
    // There was something to compare.
    expect(answers).toBeGreaterThan(count / 4);
    expect(failures).toBeGreaterThan(count / 4);
    expect(redirected).toBeGreaterThanOrEqual(staysHere ? 0 : count / 10);
  });
});
