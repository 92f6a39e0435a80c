import axios from 'axios';
import ky from 'ky';
import kyOldest from 'ky-oldest';
import { describe, expect, it } from 'vitest';
import { authenticateAxios } from '../../src/adapters/axios/index.js';
import { authenticateFetch } from '../../src/adapters/fetch/index.js';
import { authenticateKy } from '../../src/adapters/ky/index.js';
import { requestIdOf, type TokenManager } from '../../src/index.js';
import { clients } from './clients.js';
import { authenticateOldestAxios } from './axios/oldest-axios.js';
import axiosOldest from 'axios-oldest';
import { markets, setUp, setUpRefused, startForeign, startServer } from './setup.js';

async function thrownBy(call: () => Promise<unknown>): Promise<unknown> {
  return call().then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe.each(clients.map((client) => [client.name, client] as const))(
  'requestIdOf an answer of %s',
  (_, client) => {
    it('is the request ID that came to the API', async () => {
      const { tt, manager } = await setUp();
      const { handed } = await client.connect(manager)(tt.url + markets);
      expect(tt.requests).toHaveLength(1);
      expect(requestIdOf(handed)).toBe(tt.requests[0]?.requestId);
    });

    it('is that of a call that the API fails', async () => {
      const { tt, manager } = await setUp();
      tt.failNextRequests({ status: 500, count: 1 });
      const { handed } = await client.connect(manager)(tt.url + markets);
      expect(requestIdOf(handed)).toBe(tt.requests[0]?.requestId);
    });

    it('is that of the replay', async () => {
      const { tt, manager } = await setUpRefused();
      const { handed } = await client.connect(manager)(tt.url + markets);
      expect(tt.requests).toHaveLength(2);
      expect(requestIdOf(handed)).toBe(tt.requests[1]?.requestId);
    });
  },
);

/** A server that never answers, or one that hangs up; `ids` are the request IDs that came. */
async function startBroken(does: 'hang' | 'hang up'): Promise<{ url: string; ids: string[] }> {
  const ids: string[] = [];
  const { url } = await startServer(({ url: target, socket }) => {
    ids.push(new URL(target ?? '', 'http://x').searchParams.get('requestId') ?? '');
    if (does === 'hang up') socket.destroy();
  });
  return { url, ids };
}

type Call = (manager: TokenManager, url: string, timeout?: number) => Promise<unknown>;
/** Ends a call that hangs, on a busy machine too. */
const longestMs = 60_000;

const calls: Record<string, Call> = {
  'axios, http': (manager, url, timeout = longestMs) => {
    const instance = axios.create({ timeout });
    authenticateAxios(instance, manager);
    return instance.get(url);
  },
  'axios, fetch': (manager, url, timeout = longestMs) => {
    const instance = axios.create({ timeout, adapter: 'fetch' });
    authenticateAxios(instance, manager);
    return instance.get(url);
  },
  'axios 1.6.0': (manager, url, timeout = longestMs) => {
    const instance = axiosOldest.create({ timeout });
    authenticateOldestAxios(instance, manager);
    return instance.get(url);
  },
  'ky 2': (manager, url, timeout = longestMs) =>
    authenticateKy(ky, manager).get(url, { retry: 0, timeout }),
  'ky 1.5.0': (manager, url, timeout = longestMs) =>
    authenticateKy(kyOldest as never as typeof ky, manager).get(url, { retry: 0, timeout }),
  fetch: (manager, url, timeout = longestMs) =>
    authenticateFetch(fetch, manager)(url, { signal: AbortSignal.timeout(timeout) }),
};

describe.each(Object.entries(calls))('requestIdOf an error of %s', (_, call) => {
  it.each(['hang up', 'hang'] as const)('is what was sent to servers that %s', async (does) => {
    const broken = await startBroken(does);
    const { manager } = await setUp(broken.url);
    let timeout = does === 'hang' ? 300 : longestMs;
    let error = await thrownBy(() => call(manager, broken.url, timeout));
    // On a busy machine the timeout may come before the request does.
    while (broken.ids.length === 0)
      error = await thrownBy(() => call(manager, broken.url, (timeout *= 2)));
    expect(broken.ids).toHaveLength(1);
    expect(broken.ids[0]).toMatch(/^Adapter-Tests--/);
    expect(requestIdOf(error)).toBe(broken.ids[0]);
  });
});

describe.each(Object.entries(calls))('requestIdOf after a redirect of %s', (_, call) => {
  /** A trusted server that redirects to another place of its own, and from there to a URL. */
  async function startRedirecting(location: string): Promise<{ url: string; ids: string[] }> {
    const ids: string[] = [];
    const { url } = await startServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://x');
      ids.push(searchParams.get('requestId') ?? '');
      const next = pathname === '/' ? '/second' : location;
      response.writeHead(302, { location: next }).end();
    });
    return { url, ids };
  }

  it('is the last that was sent before the trusted origins were left', async () => {
    const foreign = await startForeign();
    const trusted = await startRedirecting(`${foreign.url}/away`);
    const { manager } = await setUp(trusted.url);
    const answer = await call(manager, trusted.url);
    expect(foreign.seen).toHaveLength(1);
    expect(new Set(trusted.ids).size).toBe(2);
    expect(requestIdOf(answer)).toBe(trusted.ids[1]);
  });

  it('is the same where the other place hangs up, or is none', async () => {
    const away = await startServer(({ socket }) => socket.destroy());
    for (const location of [away.url, 'http://', 'ftp://127.0.0.1/']) {
      const trusted = await startRedirecting(location);
      const { manager } = await setUp(trusted.url);
      const error = await thrownBy(() => call(manager, trusted.url));
      expect(error).toBeInstanceOf(Error);
      expect(requestIdOf(error)).toBe(trusted.ids[1]);
    }
  });
});

it.each([
  ...[undefined, null, 'text', 1, {}, new Error('of somebody else'), new Response('from a test')],
  { url: 'https://x.test/?other=1' },
])('is undefined for %o', (value) => {
  expect(requestIdOf(value)).toBeUndefined();
});

it('ends on errors that are causes of each other', () => {
  const error = new Error('a', { cause: new Error('b') });
  (error.cause as Error).cause = error;
  expect(requestIdOf(error)).toBeUndefined();
});

it('is undefined where a property cannot be read', () => {
  const hostile = Object.defineProperty({}, 'response', {
    get: () => {
      throw new Error('not to be read');
    },
  });
  expect(requestIdOf(hostile)).toBeUndefined();
});
