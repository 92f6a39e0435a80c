import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { orAborted, throwIfAborted } from '../base/abort.js';
import { answerApiRequest } from './api-endpoint.js';
import { urlPath, wholeNumber } from './checks.js';
import type { FakeTT } from './fake-tt.js';
import {
  checkTokenFault,
  createFaultQueue,
  failureReply,
  redirectReply,
  type TokenFault,
} from './faults.js';
import {
  createGateway,
  gatewayReply,
  isTokenServicePath,
  sendAnswer,
  type Answer,
  type Reply,
} from './gateway.js';
import {
  createLogEntry,
  createRequestIdCheck,
  readBody,
  type FakeTTRequest,
} from './request-log.js';
import { changeSettings, resolveOptions, type FakeTTOptions } from './settings.js';
import { answerTokenRequest } from './token-endpoint.js';
import { createTokenLedger } from './token-ledger.js';

/**
 * Starts a stand-in for the TT REST API on 127.0.0.1, with the given settings and, by default, a free port and random
 * credentials; rejects with a `TypeError` or `RangeError` naming a wrong option, or with Node's error (`EADDRINUSE`)
 * where it cannot listen.
 */
export async function startFakeTT(options: FakeTTOptions = {}): Promise<FakeTT> {
  const { port, credentials, ...initial } = resolveOptions(options);
  let { settings } = initial;

  const tokenRequests: FakeTTRequest[] = [];
  const requests: FakeTTRequest[] = [];
  const ledger = createTokenLedger();
  const gateway = createGateway(credentials);
  const checkRequestId = createRequestIdCheck();
  const redirects = new Map<string, Reply>();
  const tokenFaults = createFaultQueue<Reply | TokenFault>();
  const apiFailures = createFaultQueue<Reply>();
  const arrivals = new EventEmitter();
  const holds = new Set<Promise<void>>();
  const closing = new AbortController();
  // As many as there are callers that wait for requests.
  arrivals.setMaxListeners(0);

  async function pause(milliseconds: number): Promise<void> {
    if (milliseconds > 0)
      await orAborted(delay(milliseconds, undefined, { ref: false }), closing.signal);
  }

  // What a request meets (redirect, fault, hold, settings) is decided when it arrives, its token when it is answered.
  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = Date.now();
    const bytes = await readBody(request);
    const { entry, noteReply } = createLogEntry(request, at, bytes);
    const { path, query } = entry;
    const { latencyMs, apiLatencyMs } = settings;
    const requestIdProblem = checkRequestId(query);
    const early = redirects.get(path) ?? (bytes === undefined ? gatewayReply(413) : undefined);
    const refusal = gateway.refuse(entry, settings);
    const context = { entry, requestIdProblem, refusal, credentials, settings, ledger };

    async function answerToken(): Promise<Answer> {
      const fault = early ?? tokenFaults.take(path);
      const released = Promise.all(holds);
      tokenRequests.push(entry);
      arrivals.emit('arrival');
      await released;
      await pause(latencyMs);
      return answerTokenRequest({ ...context, fault });
    }

    async function answerApi(): Promise<Answer> {
      const failure = early ?? apiFailures.take(path) ?? refusal;
      requests.push(entry);
      await pause(apiLatencyMs);
      return failure ?? answerApiRequest(entry, requestIdProblem, ledger);
    }

    const answer = await (isTokenServicePath(path) ? answerToken() : answerApi());
    if (typeof answer === 'object') noteReply(answer);
    sendAnswer(response, answer);
  }

  async function waitForTokenRequests(
    count: number,
    { signal }: { signal?: AbortSignal | undefined } = {},
  ): Promise<void> {
    wholeNumber('count', count, 0);
    if (signal) throwIfAborted(signal);
    while (tokenRequests.length < count) {
      const arrival = once(arrivals, 'arrival');
      await orAborted(signal ? orAborted(arrival, signal) : arrival, closing.signal);
    }
  }

  function holdTokenRequests(): () => void {
    let release = (): void => undefined;
    const hold = new Promise<void>((resolve) => (release = resolve));
    holds.add(hold);
    return () => {
      holds.delete(hold);
      release();
    };
  }

  const server = createServer((request, response) => {
    // Fails when the client goes away in the middle of its body, and when close() ends a pause.
    receive(request, response).catch(() => response.destroy());
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');

  let closed: Promise<unknown> | undefined;
  async function close(): Promise<void> {
    if (!closed) {
      closing.abort(new Error('The stand-in was closed before the awaited requests arrived.'));
      closed = once(server, 'close');
      server.close();
      // Destroys what is open: a closing server would wait for it.
      server.closeAllConnections();
    }
    await closed;
  }

  return Object.freeze<FakeTT>({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...credentials,
    tokenRequests,
    requests,
    configure: (changes) => void (settings = changeSettings(changes, settings)),
    revoke: (accessToken) => ledger.revoke(accessToken),
    revokeAll: () => ledger.revokeAll(),
    failNextTokenRequests: (failure) =>
      tokenFaults.add(failureReply(failure), { count: failure.count }),
    faultNextTokenRequests: ({ fault, count }) =>
      tokenFaults.add(checkTokenFault(fault), { count }),
    failNextRequests: (failure) => apiFailures.add(failureReply(failure), failure),
    redirect: (fromPath, redirect) =>
      void redirects.set(urlPath('fromPath', fromPath), redirectReply(redirect)),
    clearRedirects: () => redirects.clear(),
    holdTokenRequests,
    waitForTokenRequests,
    close,
    [Symbol.asyncDispose]: close,
  });
}
