import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished } from 'vitest';
import { createTokenManager, memoryStore, type TokenManager } from '../../src/index.js';
import type { FakeTT } from '../../src/testing/index.js';
import { startForTest } from '../testing/client.js';

export const markets = '/ttpds/ext_uat_cert/markets';
export const orders = '/ttledger/ext_uat_cert/orders';

/** A stand-in and a manager for it; gone after the test. */
export interface Scene {
  readonly tt: FakeTT;
  readonly manager: TokenManager;
}

/** Sets a scene whose manager trusts further origins too. */
export async function setUp(...trustedOrigins: readonly string[]): Promise<Scene> {
  const tt = await startForTest();
  const { url: baseUrl, apiKey, apiSecret } = tt;
  const manager = createTokenManager({
    ...{ baseUrl, apiKey, apiSecret, appName: 'Adapter', companyName: 'Tests', trustedOrigins },
    ...{ store: memoryStore(), autoRefresh: false },
  });
  onTestFinished(() => manager.close());
  return { tt, manager };
}

/** Sets a scene whose manager holds a token that the API refuses. */
export async function setUpRefused(): Promise<Scene> {
  const scene = await setUp();
  await scene.manager.getToken();
  scene.tt.revokeAll();
  return scene;
}

/** A server of the test's own. */
export interface OwnServer {
  readonly url: string;
  /** How many connections it has had. */
  readonly sockets: () => number;
}

/** Starts a server that is closed when the running test ends. */
export async function startServer(onRequest: RequestListener): Promise<OwnServer> {
  let sockets = 0;
  const server = createServer(onRequest);
  server.on('connection', () => sockets++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, sockets: () => sockets };
}

/** Starts a server that nobody trusts; `seen` has all that came to it. */
export async function startForeign(): Promise<{ url: string; seen: string[] }> {
  const seen: string[] = [];
  const { url } = await startServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      seen.push(JSON.stringify([request.method, request.url, request.rawHeaders, body]));
      response.end('foreign');
    });
  });
  return { url, seen };
}

/** Expects that a foreign server was reached so often, and that nothing of ours came to it. */
export function expectStranger(seen: readonly string[], { times }: { times: number }): void {
  expect(seen).toHaveLength(times);
  for (const request of seen) expect(request).not.toMatch(/x-api-key|bearer|requestId/i);
}

/** What the API answered, in order. */
export function statuses({ requests }: FakeTT): (number | undefined)[] {
  return requests.map(({ status }) => status);
}

/** How many different request IDs the API has seen. */
export function requestIds({ requests }: FakeTT): number {
  return new Set(requests.map(({ requestId }) => requestId)).size;
}

/** The query of a request without our request ID, which has to be in it once. */
export function ownQuery({ requests }: FakeTT, index = 0): string {
  const parts = (requests[index]?.query ?? '').split('&');
  expect(parts.filter((part) => part.startsWith('requestId='))).toHaveLength(1);
  return parts.filter((part) => !part.startsWith('requestId=')).join('&');
}
