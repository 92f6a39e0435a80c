// A process with the service that all clients talk to: a token endpoint that understands TT's and OAuth's
// words, and an API behind it. The stand-in of the package itself checks and keeps every request; this one
// keeps counts, so that it stays out of the way.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { answerCalls } from './calls.mjs';

const defaults = {
  tokenLatencyMs: 50,
  apiLatencyMs: 5,
  lifetimeSeconds: 86_400,
  tokenLength: 606, // as long as a JWT
  /** The status of a token endpoint that is down; 0 for one that works. */
  tokenFailure: 0,
  /** So many requests to /late wait for each other; then their token is revoked, and all get a 401. */
  lateCount: 0,
};
/** The late 401s come over this time. */
const lateSpreadMs = 200;

let settings;
let tokens;
let tokenRequests;
let late;
/** While token requests are held, none is answered. */
let isHolding;
let held;
let onTokenRequest;
let firstSender;

function reset(changes) {
  settings = { ...defaults, ...changes };
  tokens = new Map();
  tokenRequests = 0;
  late = [];
  isHolding = false;
  held = [];
  onTokenRequest = undefined;
}
reset();

function issueToken() {
  const random = randomBytes(Math.ceil(settings.tokenLength / 2)).toString('hex');
  const accessToken = `token-${random}`.slice(0, settings.tokenLength);
  tokens.set(accessToken, Date.now() + settings.lifetimeSeconds * 1_000);
  return accessToken;
}

function isAuthorized({ headers }) {
  const token = /^Bearer (.+)$/.exec(headers.authorization)?.[1];
  return tokens.get(token) > Date.now();
}

function answer(response, status, body) {
  if (response.destroyed) return;
  const refusal = status === 401 && { 'www-authenticate': 'Bearer error="invalid_token"' };
  response.writeHead(status, { 'content-type': 'application/json', ...refusal });
  response.end(JSON.stringify(body));
}

async function answerToken(url, request, response) {
  const form = new URLSearchParams(Buffer.concat(await request.toArray()).toString());
  tokenRequests++;
  // What a client calls itself: TT's request ID begins with it, OAuth has the client's ID.
  onTokenRequest?.(url.searchParams.get('requestId')?.split('-')[0] ?? form.get('client_id'));
  const reply = () => {
    const { tokenFailure, lifetimeSeconds } = settings;
    if (tokenFailure) return answer(response, tokenFailure, { error: 'server_error' });
    answer(response, 200, {
      status: 'Ok',
      access_token: issueToken(),
      refresh_token: 'none',
      token_type: 'Bearer',
      seconds_until_expiry: lifetimeSeconds,
      expires_in: lifetimeSeconds,
    });
  };
  if (isHolding) held.push(reply);
  else setTimeout(reply, settings.tokenLatencyMs);
}

function answerLate(response) {
  late.push(response);
  if (late.length < settings.lateCount) return;
  tokens.clear();
  late.forEach((waiting, index) => {
    setTimeout(() => answer(waiting, 401, 'no'), (index * lateSpreadMs) / late.length);
  });
}

const server = createServer((request, response) => {
  const url = new URL(request.url, 'http://service');
  if (url.pathname.endsWith('/token')) return answerToken(url, request, response);
  request.resume();
  const isServed = url.pathname === '/open' || isAuthorized(request);
  const isLate = url.pathname === '/late' && late.length < settings.lateCount;
  if (isServed && isLate) return answerLate(response);
  const respond = () => answer(response, isServed ? 200 : 401, isServed ? 'ok' : 'no');
  // A timer takes a millisecond at least.
  if (settings.apiLatencyMs === 0) respond();
  else setTimeout(respond, settings.apiLatencyMs);
});
server.keepAliveTimeout = 120_000; // longer than a scenario: no client meets a connection that just closes
server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, () => {
  answerCalls({
    origin: () => `http://127.0.0.1:${server.address().port}`,
    reset,
    change: (changes) => void Object.assign(settings, changes),
    tokenRequests: () => tokenRequests,
    forgetTokenRequests: () => void (tokenRequests = 0),
    holdTokenRequests() {
      isHolding = true;
      firstSender = new Promise((resolve) => (onTokenRequest = resolve));
    },
    /** The name of the client that sent the first of the held requests. */
    firstSender: () => firstSender,
    /** Later token requests are answered again. */
    stopHolding: () => void (isHolding = false),
    /** So are those that were held. */
    answerHeld() {
      isHolding = false;
      for (const reply of held) reply();
    },
  });
});
