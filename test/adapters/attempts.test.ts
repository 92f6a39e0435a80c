import { describe, expect, it } from 'vitest';
import type { Attempt } from '../../src/adapters/shared/options.js';
import { expectNoSecrets } from '../helpers/expect-no-secrets.js';
import { clients } from './clients.js';
import { markets, orders, setUp, setUpRefused, startForeign, startServer } from './setup.js';

const log = (): { told: Attempt[]; onAttempt: (attempt: Attempt) => Promise<never> } => {
  const told: Attempt[] = [];
  const onAttempt = (attempt: Attempt): Promise<never> => {
    told.push(attempt);
    return Promise.reject(new Error('the log is full'));
  };
  return { told, onAttempt };
};

describe.each(clients)('onAttempt of $name', ({ name, connect, guardsRedirects }) => {
  it('is told of a refusal and its replay, each with its request ID and status', async () => {
    const { tt, manager } = await setUpRefused();
    const { told, onAttempt } = log();
    const url = `${tt.url}${orders}?a=1&b=%20`;
    await connect(manager, { onAttempt })(url, { method: 'POST', body: 'side=sell' });
    const expected = tt.requests.map(({ requestId, status }, index) => ({
      ...{ requestId, method: 'POST', url, isReplay: index === 1, status },
    }));
    expect(told).toEqual(expected);
    expect(told.map(({ status }) => status)).toEqual([401, 200]);
  });

  it.runIf(guardsRedirects)('is told of each hop with credentials, and of no other', async () => {
    const foreign = await startForeign();
    const { tt, manager } = await setUp();
    const { told, onAttempt } = log();
    tt.redirect('/a', { status: 302, location: '/b?c=1' });
    tt.redirect('/b', { status: 302, location: `${foreign.url}/away` });
    await connect(manager, { onAttempt })(`${tt.url}/a`);
    // axios 1.6.0 does not hand it to beforeRedirect.
    const status = name.startsWith('axios 1.6.0') ? undefined : 302;
    expect(told.map(({ requestId, url, status }) => [requestId, url, status])).toEqual([
      [tt.requests[0]?.requestId, `${tt.url}/a`, status],
      [tt.requests[1]?.requestId, `${tt.url}/b?c=1`, status],
    ]);
    expect(foreign.seen).toHaveLength(1);
  });

  it.runIf(guardsRedirects)('is told of a failure, by an error without secrets', async () => {
    const { url } = await startServer((request) => request.socket.destroy());
    const { tt, manager } = await setUp(url);
    const { told, onAttempt } = log();
    await expect(connect(manager, { onAttempt })(url)).rejects.toThrow();
    expect(told[0]).toMatchObject({ isReplay: false, error: expect.any(Error) as Error });
    expect(told[0]).not.toHaveProperty('status');
    const { accessToken } = await manager.getToken();
    expectNoSecrets({ accessToken, apiKey: tt.apiKey }, told[0]?.error);
  });
});

describe.each(clients)('isTokenRejected of $name', ({ connect }) => {
  const options = {
    isTokenRejected: async ({ status, text }: { status: number; text(): Promise<string> }) =>
      status === 403 && (await text()).includes('expired'),
  };

  it('may read the body, which its caller still gets whole', async () => {
    const { tt, manager } = await setUp();
    const request = connect(manager, options);
    tt.failNextRequests({ status: 403, body: 'the token has expired' });
    expect((await request(tt.url + markets)).status).toBe(200);
    for (const length of [10, 65_536, 200_000]) {
      const body = 'é'.repeat(length);
      tt.failNextRequests({ status: 403, body });
      const answer = await request(tt.url + markets);
      // ky reads the body of an error by itself, if it can.
      expect([answer.status, answer.text || body]).toEqual([403, body]);
    }
    expect(tt.tokenRequests).toHaveLength(2);
  });
});

it('the URL that isTokenRejected sees is that of the request, without its request ID', async () => {
  const { tt, manager } = await setUp();
  for (const { connect } of clients) {
    const seen: string[] = [];
    const isTokenRejected = ({ url }: { url: string }): boolean => seen.push(url) === 0;
    await connect(manager, { isTokenRejected })(`${tt.url}${markets}?a=1`);
    expect(seen).toEqual([`${tt.url}${markets}?a=1`]);
  }
});
