import { validateHeaderName, validateHeaderValue } from 'node:http';
import {
  checkCount,
  checkNumber,
  checkOneOf,
  checkPath,
  checkStatus,
  checkText,
} from './checks.js';
import { gatewayReply, jsonReply } from './replies.js';
import type { Reply } from './replies.js';

const TOKEN_FAULTS = ['hang', 'reset', 'truncate', 'html', 'expired', 'empty'] as const;
const REDIRECT_STATUSES = [301, 302, 303, 307, 308] as const;

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
 * A fault of the token endpoint: never answering, a reset connection, a body cut off in the middle, an HTML page
 * with status 200, a token that has no lifetime left, or a 200 without a body.
 */
export type TokenFault = (typeof TOKEN_FAULTS)[number];

/** A {@link TokenFault} prepared for the next token requests. */
export interface FakeTokenFault {
  /** What goes wrong; `truncate` and `expired` spoil a good answer only, the others precede every check. */
  fault: TokenFault;
  /** How many token requests meet it, `Infinity` for all; default 1. */
  count?: number | undefined;
}

/** Where a path is redirected to, and how. */
export interface FakeRedirect {
  /** The redirect status. */
  status: (typeof REDIRECT_STATUSES)[number];
  /** The `Location` header as sent, absolute or relative. */
  location: string;
}

function checkHeaders(headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  }
}

function bodyReply(status: number, body: string | object | undefined): Reply {
  if (body === undefined) return gatewayReply(status);
  if (typeof body === 'object') return jsonReply(status, body);
  checkText('body', body);
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body };
}

export function failureReply(failure: FakeFailure): Reply {
  const { retryAfterSeconds: seconds, headers = {} } = failure;
  const reply = bodyReply(checkStatus('status', failure.status), failure.body);
  checkHeaders(headers);
  if (seconds !== undefined) checkNumber('retryAfterSeconds', seconds, 0, Number.MAX_SAFE_INTEGER);
  const retryAfter = seconds === undefined ? {} : { 'retry-after': String(seconds) };
  return { ...reply, headers: { ...reply.headers, ...retryAfter, ...headers } };
}

export function redirectReply(redirect: FakeRedirect): Reply {
  const status = checkOneOf('status', redirect.status, REDIRECT_STATUSES);
  const headers = { location: redirect.location };
  checkHeaders(headers);
  return { status, headers, body: '' };
}

export function checkTokenFault(fault: unknown): TokenFault {
  return checkOneOf('fault', fault, TOKEN_FAULTS);
}

export interface FaultQueue<T> {
  add(fault: T, options: { count?: number | undefined; path?: string | undefined }): void;
  /** The oldest fault that is meant for the path, used up by one. */
  take(path: string): T | undefined;
}

export function createFaultQueue<T>(): FaultQueue<T> {
  const queue: { fault: T; left: number; path: string | undefined }[] = [];

  return {
    add(fault, { count = 1, path }) {
      const left = checkCount('count', count, 1);
      queue.push({ fault, left, path: path === undefined ? path : checkPath('path', path) });
    },
    take(path) {
      const next = queue.find((item) => item.path === undefined || item.path === path);
      if (next === undefined) return undefined;
      next.left -= 1;
      if (next.left === 0) queue.splice(queue.indexOf(next), 1);
      return next.fault;
    },
  };
}
