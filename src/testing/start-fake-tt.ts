import { setMaxListeners } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { answerApiRequest } from './api-endpoint.js';
import { createArrivals } from './arrivals.js';
import { checkPath } from './checks.js';
import type { FakeTT } from './fake-tt.js';
import { checkTokenFault, createFaultQueue, failureReply, redirectReply } from './faults.js';
import type { TokenFault } from './faults.js';
import { createHolds } from './holds.js';
import { listen } from './listen.js';
import { isTokenServicePath } from './paths.js';
import { gatewayReply, sendAnswer } from './replies.js';
import type { Answer, Reply } from './replies.js';
import { createRequestIds } from './request-ids.js';
import { createLoggedRequest, readBody, splitTarget } from './request-log.js';
import type { FakeTTRequest } from './request-log.js';
import { resolveCredentials, resolveSettings } from './settings.js';
import type { FakeTTOptions } from './settings.js';
import { answerTokenRequest } from './token-endpoint.js';
import { createTokenLedger } from './token-ledger.js';

/**
 * Starts a stand-in for the TT REST API on a free port of 127.0.0.1, with the given settings and, by default, random
 * credentials; rejects with a `TypeError` or `RangeError` naming a wrong option.
 */
export async function startFakeTT(options: FakeTTOptions = {}): Promise<FakeTT> {
  const { apiKey, apiSecret, ...initial } = options;
  const credentials = resolveCredentials({ apiKey, apiSecret });
  let settings = resolveSettings(initial);

  const tokenRequests: FakeTTRequest[] = [];
  const requests: FakeTTRequest[] = [];
  const ledger = createTokenLedger();
  const requestIds = createRequestIds();
  const redirects = new Map<string, Reply>();
  const tokenFaults = createFaultQueue<Reply | TokenFault>();
  const apiFailures = createFaultQueue<Reply>();
  const arrivals = createArrivals();
  const holds = createHolds();
  const closing = new AbortController();
  setMaxListeners(0, closing.signal); // as many as there are requests that wait

  async function pause(milliseconds: number): Promise<void> {
    if (milliseconds > 0) await delay(milliseconds, undefined, { signal: closing.signal });
  }

  // Whatever a request meets - redirect, fault, hold, settings - is decided when it arrives; its token when it is answered.
  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = Date.now();
    const bytes = await readBody(request);
    const { path, query } = splitTarget(request.url ?? '');
    const { requestId, problem: requestIdProblem } = requestIds.claim(query);
    const { entry, noteReply } = createLoggedRequest(request, { at, bytes, requestId });
    const early = redirects.get(path) ?? (bytes === undefined ? gatewayReply(413) : undefined);
    const context = { entry, requestIdProblem, credentials, settings, ledger };

    async function answerToken(): Promise<Answer> {
      const fault = early ?? tokenFaults.take(path);
      const released = holds.whenReleased();
      tokenRequests.push(entry);
      arrivals.note(tokenRequests.length);
      await released;
      await pause(context.settings.latencyMs);
      return answerTokenRequest({ ...context, fault });
    }

    async function answerApi(): Promise<Answer> {
      const failure = early ?? apiFailures.take(path);
      requests.push(entry);
      await pause(context.settings.apiLatencyMs);
      return failure ?? answerApiRequest(context);
    }

    const answer = await (isTokenServicePath(path) ? answerToken() : answerApi());
    if (typeof answer === 'object') noteReply(answer);
    sendAnswer(response, answer);
  }

  const server = await listen((request, response) => {
    // Fails when the client goes away in the middle of its body, and when close() ends a pause.
    receive(request, response).catch(() => response.destroy());
  });

  let closed: Promise<void> | undefined;
  function close(): Promise<void> {
    closing.abort();
    arrivals.close();
    return (closed ??= server.close());
  }

  return Object.freeze<FakeTT>({
    url: server.url,
    ...credentials,
    tokenRequests,
    requests,
    configure: (changes) => void (settings = resolveSettings(changes, settings)),
    revoke: (accessToken) => ledger.revoke(accessToken),
    revokeAll: () => ledger.revokeAll(),
    failNextTokenRequests: (failure) =>
      tokenFaults.add(failureReply(failure), { count: failure.count }),
    faultNextTokenRequests: ({ fault, count }) =>
      tokenFaults.add(checkTokenFault(fault), { count }),
    failNextRequests: (failure) => apiFailures.add(failureReply(failure), failure),
    redirect: (fromPath, redirect) =>
      void redirects.set(checkPath('fromPath', fromPath), redirectReply(redirect)),
    clearRedirects: () => redirects.clear(),
    holdTokenRequests: () => holds.add(),
    waitForTokenRequests: (count, { signal } = {}) => arrivals.wait(count, signal),
    close,
    [Symbol.asyncDispose]: close,
  });
}
