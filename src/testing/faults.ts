import { validateHeaderName, validateHeaderValue } from 'node:http';
import { number, oneOf, urlPath, wholeNumber } from './checks.js';
import { gatewayReply, jsonReply, type Answer, type Reply } from './gateway.js';

const redirectStatuses = [301, 302, 303, 307, 308] as const;

/** An answer prepared for the next requests, given before any check of theirs. */
export interface FakeFailure {
  /** The status to answer, 200 to 599. */
  status: number;
  /** How many requests get it, `Infinity` for all; default 1. */
  count?: number | undefined;
  /** Sent as the `Retry-After` header, in seconds, as given; default no header. */
  retryAfterSeconds?: number | undefined;
  /** A string is sent as it is, an object as JSON; default the gateway's `{"message":"<reason phrase>"}`. */
  body?: string | object | undefined;
  /** Further response headers; default none. */
  headers?: Readonly<Record<string, string>> | undefined;
}

/** A {@link FakeFailure} of the API, for one path or for all. */
export interface FakeRequestFailure extends FakeFailure {
  /** The exact path that fails, without its query; default every API path. */
  path?: string | undefined;
}

/**
 * A fault of the API: never answering, a reset connection, a body that stops in the middle and never ends, or breaks
 * off there, an HTML page with status 200, or a 200 without a body.
 */
export type ApiFault = 'hang' | 'reset' | 'stall' | 'truncate' | 'html' | 'empty';

/** A fault of the token endpoint: one of the API's, or a token that has no lifetime left. */
export type TokenFault = ApiFault | 'expired';

/** A {@link TokenFault} prepared for the next token requests. */
export interface FakeTokenFault {
  /** What goes wrong; `stall`, `truncate` and `expired` spoil a good answer only, the others precede every check. */
  fault: TokenFault;
  /** How many token requests meet it, `Infinity` for all; default 1. */
  count?: number | undefined;
}

/** An {@link ApiFault} prepared for the next API requests. */
export interface FakeRequestFault {
  /** What goes wrong; `stall` and `truncate` spoil a good answer only, the others precede every check. */
  fault: ApiFault;
  /** How many requests meet it, `Infinity` for all; default 1. */
  count?: number | undefined;
  /** The exact path that meets it, without its query; default every API path. */
  path?: string | undefined;
}

/** Where a path is redirected to, and how. */
export interface FakeRedirect {
  /** The redirect status. */
  status: (typeof redirectStatuses)[number];
  /** The `Location` header as sent, absolute or relative. */
  location: string;
}

function checkHeaders(headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  }
}

/** A body of the user's own: a string is sent as it is, an object as JSON. */
export function bodyReply(status: number, body: unknown): Reply {
  if (typeof body === 'object' && body !== null) return jsonReply(status, body);
  if (typeof body !== 'string') throw new TypeError('body must be a string or an object');
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body };
}

export function failureReply(failure: FakeFailure): Reply {
  const { retryAfterSeconds: seconds, headers = {} } = failure;
  const status = wholeNumber('status', failure.status, 200, 599);
  const reply = failure.body === undefined ? gatewayReply(status) : bodyReply(status, failure.body);
  checkHeaders(headers);
  if (seconds !== undefined) number('retryAfterSeconds', seconds, 0, Number.MAX_SAFE_INTEGER);
  const retryAfter = seconds === undefined ? {} : { 'retry-after': String(seconds) };
  return { ...reply, headers: { ...reply.headers, ...retryAfter, ...headers } };
}

export function redirectReply(redirect: FakeRedirect): Reply {
  const status = oneOf('status', redirect.status, redirectStatuses);
  const headers = { location: redirect.location };
  checkHeaders(headers);
  return { status, headers, body: '' };
}

const apiFaults: readonly ApiFault[] = ['hang', 'reset', 'stall', 'truncate', 'html', 'empty'];

export function checkApiFault(fault: unknown): ApiFault {
  return oneOf('fault', fault, apiFaults);
}

export function checkTokenFault(fault: unknown): TokenFault {
  return oneOf<TokenFault>('fault', fault, [...apiFaults, 'expired']);
}

const htmlPage = '<!doctype html><html><body><h1>Down for maintenance</h1></body></html>';

/** The answer that a prepared failure or fault gives before any check; undefined for those that spoil a good one. */
export function earlyAnswer(fault: Reply | TokenFault | undefined): Answer | undefined {
  if (typeof fault === 'object' || fault === 'hang' || fault === 'reset') return fault;
  if (fault === 'empty') return { status: 200, headers: {}, body: '' };
  if (fault !== 'html') return undefined;
  return { status: 200, headers: { 'content-type': 'text/html' }, body: htmlPage };
}

/** A good answer, spoilt by the fault if it is one of those that do. */
export function spoiltBy(fault: Reply | TokenFault | undefined, reply: Reply): Reply {
  const isGood = reply.status < 300;
  return isGood && (fault === 'stall' || fault === 'truncate') ? { ...reply, cut: fault } : reply;
}

/** Creates a queue of faults for the next requests. */
export function createFaultQueue<T>() {
  const queue: { fault: T; left: number; path: string | undefined }[] = [];
  return {
    add(fault: T, { count = 1, path }: { count?: number | undefined; path?: string | undefined }) {
      const left = wholeNumber('count', count, 1);
      queue.push({ fault, left, path: path === undefined ? path : urlPath('path', path) });
    },
    /** The oldest fault that is meant for the path, used up by one. */
    take(path: string): T | undefined {
      const next = queue.find((item) => (item.path ?? path) === path);
      if (next === undefined) return undefined;
      next.left -= 1;
      if (next.left === 0) queue.splice(queue.indexOf(next), 1);
      return next.fault;
    },
    clear: (): void => void queue.splice(0),
  };
}
