import { randomUUID } from 'node:crypto';
import { startFakeTT } from '../../src/testing/index.js';
import type { FakeTT, FakeTTOptions } from '../../src/testing/index.js';
import { onTestFinished } from 'vitest';

/** A stand-in that is closed when the running test ends. */
export async function startForTest(options?: FakeTTOptions): Promise<FakeTT> {
  const fake = await startFakeTT(options);
  onTestFinished(() => fake.close());
  return fake;
}

export function newRequestId(): string {
  return `My_App-My_Company--${randomUUID()}`;
}

interface Changes {
  method?: string;
  path?: string;
  query?: string;
  headers?: Record<string, string | undefined>;
  body?: string | Uint8Array<ArrayBuffer> | undefined;
  signal?: AbortSignal;
  redirect?: 'manual' | 'follow';
}

function send(fake: FakeTT, path: string, changes: Changes, headers: Changes['headers']) {
  const query = changes.query ?? `requestId=${newRequestId()}`;
  const given = Object.entries({ ...headers, ...changes.headers });
  return fetch(`${fake.url}${changes.path ?? path}${query && '?'}${query}`, {
    method: changes.method ?? 'GET',
    headers: given.filter((pair): pair is [string, string] => pair[1] !== undefined),
    redirect: changes.redirect ?? 'manual',
    ...(changes.body === undefined ? {} : { body: changes.body }),
    ...(changes.signal === undefined ? {} : { signal: changes.signal }),
  });
}

/** A token request as TT wants it, but for the changes. */
export function postToken(fake: FakeTT, changes: Changes = {}): Promise<Response> {
  const headers = {
    'x-api-key': fake.apiKey,
    accept: 'application/json',
    'content-type': 'application/x-www-form-urlencoded',
  };
  const body = `grant_type=user_app&app_key=${fake.apiKey}:${fake.apiSecret}`;
  const hasBody = (changes.method ?? 'POST') !== 'GET';
  const full = { method: 'POST', ...(hasBody ? { body } : {}), ...changes };
  return send(fake, '/ttid/ext_uat_cert/token', full, headers);
}

export interface TokenAnswer {
  status: string;
  access_token: string;
  token_type: string;
  seconds_until_expiry: number | string;
}

export async function readToken(response: Response): Promise<TokenAnswer> {
  return (await response.json()) as TokenAnswer;
}

export async function getAccessToken(fake: FakeTT, changes: Changes = {}): Promise<string> {
  return (await readToken(await postToken(fake, changes))).access_token;
}

/** An API request as TT wants it, but for the changes. */
export function callApi(fake: FakeTT, token: string, changes: Changes = {}): Promise<Response> {
  const headers = { 'x-api-key': fake.apiKey, authorization: `Bearer ${token}` };
  return send(fake, '/ttpds/ext_uat_cert/markets', changes, headers);
}

/** Status and parsed body, for one assertion on both. */
export async function read(response: Response): Promise<{ status: number; body: unknown }> {
  return { status: response.status, body: await response.json() };
}

export const forbidden = { status: 403, body: { message: 'Forbidden' } };
export const notFound = { status: 404, body: { message: 'Not Found' } };
export const tooMany = { status: 429, body: { message: 'Too Many Requests' } };
export const unauthorized = { status: 401, body: { message: 'Unauthorized' } };
export const expired = { status: 401, body: { message: 'The incoming token has expired' } };

export function badRequest(message: string) {
  return { status: 400, body: { message } };
}
