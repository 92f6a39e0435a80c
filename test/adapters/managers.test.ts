import axios from 'axios';
import ky from 'ky';
import { expect, it } from 'vitest';
import { authenticateAxios } from '../../src/adapters/axios/index.js';
import { authenticateFetch } from '../../src/adapters/fetch/index.js';
import { authenticateKy, kyHooks } from '../../src/adapters/ky/index.js';
import type { TokenManager } from '../../src/index.js';
import { markets, setUp, startServer } from './setup.js';

type Get = (url: string) => Promise<unknown>;
const via: [string, (manager: TokenManager) => Get][] = [
  ['fetch', (manager) => authenticateFetch(fetch, manager)],
  ['ky', (manager) => authenticateKy(ky, manager)],
  ['kyHooks', (manager) => ky.create({ hooks: kyHooks(manager) })],
  ...(['http', 'fetch'] as const).map((adapter): [string, (manager: TokenManager) => Get] => [
    `axios, ${adapter}`,
    (manager) => {
      const instance = axios.create({ adapter });
      authenticateAxios(instance, manager);
      return (url) => instance.get(url);
    },
  ]),
];

it.each(via)(
  'send without credentials what a manager around ours gives none for: %s',
  async (_, to) => {
    const seen: (string | undefined)[][] = [];
    const { url } = await startServer((request, response) => {
      const { authorization, 'x-api-key': key } = request.headers;
      seen.push([request.url, authorization, key as string]);
      const isFirst = request.url === '/a?b=1';
      response.writeHead(isFirst ? 302 : 200, isFirst ? { location: '/next' } : {}).end('{}');
    });
    const { manager } = await setUp(url);
    const authorize = () => Promise.resolve(undefined);
    await to(Object.create(manager, { authorize: { value: authorize } }) as TokenManager)(
      `${url}/a?b=1`,
    );
    expect(seen).toEqual(['/a?b=1', '/next'].map((path) => [path, undefined, undefined]));
  },
);

it.each(['http', 'fetch'])(
  'two on one axios instance serve the origins of each, over %s',
  async (adapter) => {
    const scenes = [await setUp(), await setUp()];
    const instance = axios.create({ adapter });
    const detach = scenes.map(({ manager }) => authenticateAxios(instance, manager));
    for (const { tt } of scenes) expect((await instance.get(tt.url + markets)).status).toBe(200);
    for (const { tt } of scenes) tt.revokeAll();
    for (const { tt } of scenes) expect((await instance.get(tt.url + markets)).status).toBe(200);
    for (const { tt } of scenes) {
      expect(tt.requests.map(({ status }) => status)).toEqual([200, 401, 200]);
      expect(tt.tokenRequests).toHaveLength(2);
    }
    for (const end of detach) end();
    for (const { tt } of scenes)
      await expect(instance.get(tt.url + markets)).rejects.toThrow('403');
  },
);
