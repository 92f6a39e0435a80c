import axios from 'axios';
import ky from 'ky';
import kyOldest from 'ky-oldest';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { authenticateAxios } from '../../src/adapters/axios/index.js';
import { authenticateFetch } from '../../src/adapters/fetch/index.js';
import { authenticateKy } from '../../src/adapters/ky/index.js';
import type { TokenManager } from '../../src/index.js';
import { clients, type Ask } from '../adapters/clients.js';
import { encryptionInTurn, setSecretScene, type SecretScene } from './secret-scene.js';

/*
 * Every client in every failure of a request to the API that carries credentials: what the client hands to
 * its caller, its own errors included, shows none of them. The token comes from an encrypted file, whose key
 * comes in each form in turn.
 */

const markets = '/ttpds/ext_uat_cert/markets';
const post: Ask = { method: 'POST', body: '{"qty":1}' };

/** What a server answers, byte for byte, before it closes the connection. */
const rawAnswers: Readonly<Record<string, string>> = {
  '/nothing': '',
  '/garbage': 'this is no HTTP\r\n\r\n',
  '/cut-head': 'HTTP/1.1 200 OK\r\ncontent-type',
  '/cut-body': 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{',
  '/wrong-length': 'HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n',
  '/wrong-gzip': 'HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\nabcd',
};

async function startRaw(): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (data) => {
      const path = data.toString().split(' ')[1]?.split('?')[0] ?? '';
      socket.end(rawAnswers[path] ?? '');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Request {
  readonly url: string;
  readonly ask?: Ask;
}

interface RequestFailure {
  readonly name: string;
  /** Brings the failure about, and tells what to ask for. */
  start(scene: SecretScene, raw: string): Request | Promise<Request>;
  readonly isTokenRejected?: () => boolean;
}

const statuses = [401, 403, 404, 429, 500, 503].map((status): RequestFailure => ({
  name: `the API answers ${status}`,
  start({ tt }) {
    tt.failNextRequests({ status, count: Infinity });
    return { url: tt.url + markets, ask: post };
  },
}));

const redirects: readonly RequestFailure[] = [
  {
    name: 'the API redirects in a loop',
    start({ tt }) {
      tt.redirect(markets, { status: 302, location: markets });
      return { url: tt.url + markets };
    },
  },
  {
    name: 'the API redirects to where nothing listens',
    start({ tt }) {
      tt.redirect(markets, { status: 302, location: 'http://127.0.0.1:9/' });
      return { url: tt.url + markets };
    },
  },
  {
    name: 'the API redirects a body off the trusted origins',
    start({ tt }) {
      tt.redirect(markets, { status: 307, location: 'http://127.0.0.1:9/' });
      return { url: tt.url + markets, ask: post };
    },
  },
  {
    name: 'the API redirects to no URL',
    start({ tt }) {
      tt.redirect(markets, { status: 302, location: 'http://[' });
      return { url: tt.url + markets };
    },
  },
];

const connections: readonly RequestFailure[] = [
  {
    name: 'nothing listens any more',
    async start({ api }) {
      await api.close();
      return { url: api.url, ask: post };
    },
  },
  ...Object.keys(rawAnswers).map((path): RequestFailure => ({
    name: `the answer is spoilt: ${path}`,
    start: (_, raw) => ({ url: raw + path, ask: post }),
  })),
  {
    name: 'the URL asks for TLS where there is none',
    start: (_, raw) => ({ url: raw.replace('http:', 'https:') }),
  },
  {
    name: 'the caller leaves while the API is silent',
    start({ tt }) {
      tt.configure({ apiLatencyMs: 60_000 });
      const controller = new AbortController();
      void expect
        .poll(() => tt.requests.length)
        .toBeGreaterThan(0)
        .then(() => controller.abort());
      return { url: tt.url + markets, ask: { ...post, signal: controller.signal } };
    },
  },
  {
    name: 'the caller has left',
    start: ({ tt }) => ({ url: tt.url + markets, ask: { ...post, signal: AbortSignal.abort() } }),
  },
  {
    name: 'isTokenRejected throws',
    start: ({ tt }) => ({ url: tt.url + markets }),
    isTokenRejected() {
      throw new Error('isTokenRejected is broken');
    },
  },
];

const failures = [...statuses, ...redirects, ...connections].map(
  (failure, index) => [failure.name, failure, encryptionInTurn(index)] as const,
);

/** A manager with a token, and what a client got of a request, or its error. */
async function outcomeOf(
  scene: SecretScene,
  request: (manager: TokenManager, raw: string) => Promise<unknown>,
): Promise<unknown> {
  const raw = await startRaw();
  const trustedOrigins = [scene.api.url, raw, raw.replace('http:', 'https:')];
  const manager = scene.create({ trustedOrigins });
  await manager.getToken();
  return request(manager, raw).catch((error: unknown) => error);
}

describe.each(clients)('$name', ({ connect, guardsRedirects }) => {
  it.each(failures)('shows nothing where %s', async (_, { start, isTokenRejected }, encryption) => {
    const scene = await setSecretScene(encryption);
    const handed = await outcomeOf(scene, async (manager, raw) => {
      const { url, ask } = await start(scene, raw);
      const answer = await connect(manager, { isTokenRejected })(url, ask);
      expect(answer.status).not.toBe(200);
      return answer.handed;
    });
    expect(handed).toBeInstanceOf(Object);
    // As documented, the errors of ky with kyHooks show the token in util.inspect.
    const shown =
      guardsRedirects || !(handed instanceof Error)
        ? [handed]
        : [handed.message, handed.stack, JSON.stringify(handed)];
    await scene.expectNothingShown(...shown);
  });
});

const timeout = 100;
const timed: readonly (readonly [
  string,
  (manager: TokenManager) => (url: string) => Promise<unknown>,
])[] = [
  ...(['http', 'fetch'] as const).map(
    (adapter) =>
      [
        `axios, ${adapter}`,
        (manager: TokenManager) => {
          const instance = axios.create({ adapter, timeout });
          authenticateAxios(instance, manager);
          return (url: string) => instance.get(url);
        },
      ] as const,
  ),
  ...[ky, kyOldest as unknown as typeof ky].map(
    (own, index) =>
      [
        `ky ${index === 0 ? 2 : 1}`,
        (manager: TokenManager) => {
          const client = authenticateKy(own.create({ timeout, retry: 0 }), manager);
          return (url: string) => client(url);
        },
      ] as const,
  ),
  [
    'fetch',
    (manager) => {
      const client = authenticateFetch(fetch, manager);
      return (url) => client(url, { signal: AbortSignal.timeout(timeout) });
    },
  ],
];

describe.each(timed)('the timeout of %s shows nothing', (_, connect) => {
  it('while it waits for a token', async () => {
    const scene = await setSecretScene(encryptionInTurn(0));
    scene.tt.holdTokenRequests();
    const request = connect(scene.create());
    const error: unknown = await request(scene.tt.url + markets).catch((reason: unknown) => reason);
    expect(String(error)).toMatch(/time(d )?out/i);
    expect(scene.tt.requests).toHaveLength(0);
    await scene.expectNothingShown(error);
  });

  it('while it waits for the API', async () => {
    const scene = await setSecretScene(encryptionInTurn(1));
    scene.tt.configure({ apiLatencyMs: 60_000 });
    const error = await outcomeOf(scene, (manager) => connect(manager)(scene.tt.url + markets));
    expect(String(error)).toMatch(/time(d )?out/i);
    expect(scene.tt.requests).toHaveLength(1);
    await scene.expectNothingShown(error);
  });
});
