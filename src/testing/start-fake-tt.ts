import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { orAborted, throwIfAborted } from '../base/abort.js';
import { answerApiRequest } from './api-endpoint.js';
import { urlPath, wholeNumber } from './checks.js';
import type { FakeTT } from './fake-tt.js';
import {
  checkApiFault,
  checkTokenFault,
  createFaultQueue,
  earlyAnswer,
  failureReply,
  redirectReply,
  spoiltBy,
  type ApiFault,
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
import { createReplies } from './replies.js';
import {
  createLogEntry,
  createRequestIdCheck,
  readBody,
  type FakeTTRequest,
} from './request-log.js';
import { changeSettings, resolveOptions, type FakeTTOptions } from './settings.js';
import { answerTokenRequest } from './token-endpoint.js';
import { createTokenLedger, withoutTokens } from './token-ledger.js';

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
  let gateway = createGateway(credentials);
  let checkRequestId = createRequestIdCheck();
  const replies = createReplies();
  const redirects = new Map<string, Reply>();
  const tokenFaults = createFaultQueue<Reply | TokenFault>();
  const apiFaults = createFaultQueue<Reply | ApiFault>();
  const arrivals = new EventEmitter();
  /** The holds by the functions that end them. */
  const holds = new Map<() => void, Promise<void>>();
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
    const reply = replies.find(path);
    const refusal = gateway.refuse(entry, settings, reply !== undefined);
    const context = { entry, requestIdProblem, refusal, credentials, settings, ledger, reply };

    async function answerToken(): Promise<Answer> {
      const fault = early ?? tokenFaults.take(path);
      const released = Promise.all(holds.values());
      tokenRequests.push(entry);
      arrivals.emit('arrival');
      await released;
      await pause(latencyMs);
      return answerTokenRequest({ ...context, fault });
    }

    async function answerApi(): Promise<Answer> {
      const fault = early ?? apiFaults.take(path);
      requests.push(entry);
      await pause(apiLatencyMs);
      const answer =
        earlyAnswer(fault) ?? refusal ?? spoiltBy(fault, await answerApiRequest(context));
      return typeof answer === 'string' ? answer : { ...answer, body: withoutTokens(answer.body) };
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
    const { promise, release } = createHold();
    holds.set(release, promise);
    return () => {
      holds.delete(release);
      release();
    };
  }

  function reset(): void {
    for (const log of [tokenRequests, requests]) log.length = 0;
    for (const prepared of [tokenFaults, apiFaults, redirects, replies]) prepared.clear();
    gateway = createGateway(credentials);
    checkRequestId = createRequestIdCheck();
    for (const release of holds.keys()) release();
    holds.clear();
    settings = initial.settings;
  }

  const server = createServer((request, response) => {
    // Fails when the client goes away in the middle of its body, and when close() ends a pause.
    receive(request, response).catch(() => response.destroy());
  });
  // An idle connection is the client's to close: after a pause of its own that took longer than Node's 5 s, as on a busy
  // machine, its next request would meet a connection that is just being closed, and be told ECONNRESET.
  server.keepAliveTimeout = 0;
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
    faultNextTokenRequests(given) {
      const { fault, count } = typeof given === 'string' ? { fault: given } : given;
      tokenFaults.add(checkTokenFault(fault), { count });
    },
    failNextRequests: (failure) => apiFaults.add(failureReply(failure), failure),
    faultNextRequests(given) {
      const { fault, count, path } = typeof given === 'string' ? { fault: given } : given;
      apiFaults.add(checkApiFault(fault), { count, path });
    },
    reply: replies.set,
    redirect: (fromPath, redirect) =>
      void redirects.set(urlPath('fromPath', fromPath), redirectReply(redirect)),
    clearRedirects: () => redirects.clear(),
    holdTokenRequests,
    waitForTokenRequests,
    reset,
    close,
    [Symbol.asyncDispose]: close,
  });
}

function createHold() {
  let release = (): void => undefined;
  const promise = new Promise<void>((resolve) => (release = resolve));
  return { promise, release };
}
