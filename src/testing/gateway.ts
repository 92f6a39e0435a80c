import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { FakeTTRequest } from './request-log.js';
import type { Credentials, Settings } from './settings.js';

/** An answer as it is sent. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The token that the reply issues. */
  readonly accessToken?: string;
  /** Stops in the middle of the body, for ever or by breaking the connection off. */
  readonly cut?: 'stall' | 'truncate';
}

export type Answer = Reply | 'hang' | 'reset';

export function jsonReply(status: number, value: object): Reply {
  const headers = { 'content-type': 'application/json' };
  return { status, headers, body: JSON.stringify(value) };
}

/** An error in the form of the gateway that stands in front of the real service. */
export function gatewayReply(status: number, message?: string): Reply {
  return jsonReply(status, { message: message ?? STATUS_CODES[status] ?? 'Unknown' });
}

export function sendAnswer(response: ServerResponse, answer: Answer): void {
  if (answer === 'hang') return;
  if (answer === 'reset') {
    response.socket?.resetAndDestroy();
    return;
  }
  response.statusCode = answer.status;
  for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value);
  if (answer.cut === undefined) {
    response.end(answer.body);
    return;
  }
  const bytes = Buffer.from(answer.body);
  response.setHeader('content-length', bytes.length);
  response.write(bytes.subarray(0, bytes.length >> 1), () => {
    if (answer.cut === 'truncate') response.destroy();
  });
}

const environment = '(ext_uat_cert|ext_prod_sim|ext_prod_live)';
const service = '(?:ttpds|ttledger|ttmonitor|ttaccount|ttuser|ttgroup|ttsetup)';
// Case matters. Any path may follow an endpoint: identifiers are there.
const tokenPath = new RegExp(`^/ttid/${environment}/token$`);
const endpoint = '[^/A-Z]+(?:/.*)?';
const apiPath = new RegExp(`^/${service}/${environment}/${endpoint}$`);
/** What a path looks like of a service that we do not know. */
const anyApiPath = new RegExp(`^/[a-z][a-z\\d_-]*/${environment}/${endpoint}$`);

/** Returns whether a path is one of the token service, in any case. */
export function isTokenServicePath(path: string): boolean {
  return /^\/ttid(?:\/|$)/i.test(path);
}

/** Returns whether a path looks like one of the API, of whatever service. */
export function isApiPath(path: string): boolean {
  return anyApiPath.test(path) && !isTokenServicePath(path);
}

/** The environment that a path of the service names; undefined for any other path. */
export function environmentOf(path: string): string | undefined {
  return (tokenPath.exec(path) ?? apiPath.exec(path))?.[1];
}

const dayMs = 86_400_000;

/** Creates the gateway in front of the services: it checks path, app key and quotas. */
export function createGateway({ apiKey }: Credentials) {
  const countedAt: number[] = [];
  let lastPostAt = -Infinity;

  function isOver(limit: number, windowMs: number): boolean {
    const oldest = countedAt.at(-limit);
    return countedAt.length >= limit && oldest !== undefined && Date.now() - oldest < windowMs;
  }

  return {
    /**
     * Refuses a request that has arrived, or counts it and returns undefined; `isReplied` if its path is known by a
     * reply of the user's.
     */
    refuse(
      { path, method, headers }: FakeTTRequest,
      settings: Settings,
      isReplied: boolean,
    ): Reply | undefined {
      if (!isReplied && environmentOf(path) === undefined) {
        const isMisspelt = environmentOf(path.toLowerCase()) !== undefined;
        return gatewayReply(isMisspelt ? 403 : 404);
      }
      if (headers['x-api-key'] !== apiKey) return gatewayReply(403);
      const isPost = method === 'POST' && !isTokenServicePath(path);
      const isTooMany =
        isOver(settings.requestsPerSecond, 1_000) ||
        isOver(settings.requestsPerDay, dayMs) ||
        (isPost && Date.now() - lastPostAt < settings.postIntervalMs);
      if (isTooMany) return gatewayReply(429);
      countedAt.push(Date.now());
      if (isPost) lastPostAt = Date.now();
      return undefined;
    },
  };
}
