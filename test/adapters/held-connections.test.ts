import axios from 'axios';
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Agent, fetch as undiciFetch } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import { authenticateAxios } from '../../src/adapters/axios/index.js';
import { authenticateFetch } from '../../src/adapters/fetch/index.js';
import { createTokenManager, memoryStore, type TokenManager } from '../../src/index.js';
import type { FakeTT } from '../../src/testing/index.js';
import { startForTest } from '../testing/client.js';
import { markets } from './setup.js';

/** Something that API and token requests go through, a pool of few connections. */
interface Pool {
  readonly name: string;
  readonly fetch: typeof fetch;
  /** Calls the API, and gives status and text. */
  call(manager: TokenManager, url: string): Promise<[number, string]>;
}

function undiciPool(connections: number): Pool {
  const dispatcher = new Agent({ connections });
  const fetch = ((url: string, init: object) =>
    undiciFetch(url, { ...init, dispatcher })) as unknown as typeof globalThis.fetch;
  return {
    ...{ name: `undici with ${connections}`, fetch },
    async call(manager, url) {
      const response = await authenticateFetch(fetch, manager)(url);
      return [response.status, await response.text()];
    },
  };
}

function agentPool(maxSockets: number): Pool {
  const agent = new HttpAgent({ keepAlive: true, maxSockets });
  const fetch = ((url: string, { method = 'GET', headers, body }: Record<string, string>) =>
    new Promise<Response>((resolve, reject) => {
      const request = httpRequest(url, { agent, method, headers: headers as never }, (answer) => {
        const { statusCode: status = 0 } = answer;
        resolve(new Response(Readable.toWeb(answer) as never, { status }));
      });
      request.on('error', reject).end(body);
    })) as unknown as typeof globalThis.fetch;
  return {
    ...{ name: `http.Agent with ${maxSockets}, and a stream`, fetch },
    async call(manager, url) {
      const client = axios.create({ httpAgent: agent, responseType: 'stream' });
      client.defaults.validateStatus = () => true;
      authenticateAxios(client, manager);
      const { status, data } = await client.get<Readable>(url);
      return [status, await text(data)];
    },
  };
}

async function start({ fetch }: Pool): Promise<{ tt: FakeTT; manager: TokenManager }> {
  const tt = await startForTest();
  const { url: baseUrl, apiKey, apiSecret } = tt;
  const manager = createTokenManager({
    ...{ baseUrl, apiKey, apiSecret, appName: 'Adapter', companyName: 'Tests', fetch },
    ...{ store: memoryStore(), autoRefresh: false },
  });
  onTestFinished(() => manager.close());
  await manager.getToken();
  return { tt, manager };
}

const pools = [undiciPool(1), undiciPool(4), agentPool(1), agentPool(4)];

describe.each(pools)('over $name', (pool) => {
  it.each([0, 30_000, 65_536, 65_537, 500_000])(
    'refused answers of %i bytes hold up no token request',
    async (length) => {
      const { tt, manager } = await start(pool);
      tt.failNextRequests({ status: 401, body: 'x'.repeat(length), count: 4 });
      const url = tt.url + markets;
      const calls = await Promise.all([1, 2, 3, 4].map(() => pool.call(manager, url)));
      expect(calls.map(([status]) => status)).toContain(200);
      expect(tt.tokenRequests).toHaveLength(2);
    },
  );

  it('a refused answer goes to its caller, as far as it was read, where no token comes', async () => {
    const { tt, manager } = await start(pool);
    const body = '0123456789'.repeat(3_000);
    tt.failNextRequests({ status: 401, body });
    tt.failNextTokenRequests({ status: 403 });
    tt.configure({ latencyMs: 50 });
    expect(await pool.call(manager, tt.url + markets)).toEqual([401, body]);
    expect(tt.tokenRequests).toHaveLength(2);
  });
});
