import type { AxiosInstance, AxiosRequestConfig } from 'axios';
import fc from 'fast-check';
import { Readable, Writable } from 'node:stream';
import { afterAll, describe, expect, it } from 'vitest';
import { authenticateAxios } from '../../src/adapters/axios/index.js';
import { createTokenManager, memoryStore, type TokenManager } from '../../src/index.js';
import { grantingFetch } from '../helpers/granting-fetch.js';
import { apiKey, apiSecret } from '../manager/setup.js';
import { hostileReference, hostileUrl, ownHost } from './hostile-urls.js';
import { runs } from './runs.js';

/** A request as it leaves axios. */
interface Sent {
  /** `protocol//host:port`, the port spelt out. */
  readonly place: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

interface Target {
  readonly baseURL?: string;
  readonly url?: string;
  readonly allowAbsoluteUrls?: boolean;
  readonly params?: object;
}

/** What axios's http adapter asks Node to send. */
interface TransportOptions extends Pick<Sent, 'path' | 'headers'> {
  readonly protocol: string;
  readonly hostname: string;
  readonly port: string;
}

function place({ protocol, hostname, port }: Omit<TransportOptions, 'path' | 'headers'>): string {
  const host = hostname.includes(':') ? `[${hostname.replace(/[[\]]/g, '')}]` : hostname;
  return `${protocol}//${host}:${port || (protocol === 'https:' ? 443 : 80)}`;
}

/** A transport of axios's http adapter that sends nothing, notes everything and answers 200. */
function recordingTransport(sent: Sent[]): object {
  return {
    request(options: TransportOptions, respond: (response: object) => void): Writable {
      const { path, headers } = options;
      sent.push({ place: place(options), path, headers });
      const request = new Writable({
        write: (_chunk, _encoding, done) => done(),
        final(done) {
          done();
          respond(Object.assign(Readable.from([]), { statusCode: 200, headers: {} }));
        },
      });
      return Object.assign(request, { setTimeout: () => request });
    },
  };
}

const managers = [
  { baseUrl: `https://${ownHost}`, isOurs: (at: string) => /[^.]\.trade\.tt:443$/.test(at) },
  { baseUrl: 'http://127.0.0.1:8080', isOurs: (at: string) => at === 'http://127.0.0.1:8080' },
  { baseUrl: 'http://localhost', isOurs: (at: string) => at === 'http://localhost:80' },
].map(({ baseUrl, isOurs }) => ({
  baseUrl,
  isOurs: (at: string) => at.startsWith(new URL(baseUrl).protocol) && isOurs(at),
  manager: createTokenManager({
    ...{ apiKey, apiSecret, appName: 'App', companyName: 'Company', baseUrl },
    ...{ store: memoryStore(), fetch: grantingFetch().fetch, autoRefresh: false },
  }),
}));

afterAll(async () => {
  for (const { manager } of managers) await manager.close();
});

const requestIds = /requestId=App-Company--[\da-f-]{36}/g;

/** Which of our credentials a request carries. */
function credentialsOf({ path, headers }: Sent): readonly string[] {
  const texts = Object.entries(headers).map((entry) => entry.join(': '));
  return [
    ...texts.filter((text) => /^x-api-key: |^authorization: Bearer /i.test(text)),
    ...(path.match(requestIds) ?? []),
  ];
}

/** The path and the parameters as the caller wrote them. */
function written(sent: Sent | undefined): readonly string[] {
  const [path = '', ...query] = sent?.path.split('?') ?? [];
  const parameters = query.join('?').split('&');
  return [path, ...parameters.filter((one) => one.replace(requestIds, '') !== '')];
}

const params = fc.constantFrom({ a: 1 }, { b: 'x y', c: ['(', ')'] });

/** A base URL and a url of which each may be anything. */
function hostileTarget(baseUrl: string): fc.Arbitrary<Target> {
  const bases = [baseUrl, `${baseUrl}/`, `${baseUrl}/x//`, `${baseUrl} `, '', '/'];
  const urls = ['//', '/', ''].map((slashes) => `${baseUrl.replace('//', slashes)}/x?a=1`);
  return fc.record(
    {
      baseURL: fc.oneof(fc.constantFrom(...bases), hostileUrl(baseUrl)),
      url: fc.oneof(fc.constantFrom(...urls, '/x', 'x?a=1#part', 'x '), hostileReference(baseUrl)),
      allowAbsoluteUrls: fc.boolean(),
      params,
    },
    { requiredKeys: [] },
  );
}

/** A base URL and a url as people write them. */
function plainTarget(baseUrl: string): fc.Arbitrary<Target> {
  const path = fc.webPath().filter((text) => !text.startsWith('//'));
  const query = fc.constantFrom('', '?a=1', '?a=x%20y&b=(1)#part');
  const relative = fc.tuple(path, query).map((parts) => parts.join(''));
  const absolute = relative.map((text) => `${baseUrl}/${text}`);
  const baseURL = fc.constantFrom(baseUrl, `${baseUrl}/`, `${baseUrl}/ttpds/ext_uat_cert`);
  const rest = { requiredKeys: ['url'] as ['url'] };
  return fc.oneof(
    fc.record(
      { baseURL, url: fc.oneof(relative, absolute), params },
      { requiredKeys: ['baseURL'] },
    ),
    fc.record({ url: absolute, params }, rest),
  );
}

/** The properties of any axios whose instances are made by `create`. */
export function itSendsCredentialsHomeOnly(
  create: (config: AxiosRequestConfig) => AxiosInstance,
): void {
  async function send(config: Target, manager?: TokenManager): Promise<Sent | undefined> {
    const sent: Sent[] = [];
    const instance = create({ transport: recordingTransport(sent), proxy: false } as object);
    if (manager) authenticateAxios(instance, manager);
    await instance.request(config).catch(() => undefined);
    expect(sent.length).toBeLessThan(2);
    return sent[0];
  }

  describe.each(managers)('for $baseUrl', ({ baseUrl, isOurs, manager }) => {
    it('sends credentials nowhere else, and all else as it does without a manager', async () => {
      const property = async (config: Target): Promise<void> => {
        const bare = await send(config);
        const authenticated = await send(config, manager);
        expect(authenticated?.place).toBe(bare?.place);
        if (!authenticated || !bare) return;
        if (credentialsOf(authenticated).length > 0) expect(bare.place).toSatisfy(isOurs);
        // axios puts a url behind the query of a base URL, and so behind a request ID there.
        if (/[?#]/.test(config.baseURL ?? '')) return;
        expect(written(authenticated)).toEqual(written(bare));
      };
      await fc.assert(fc.asyncProperty(hostileTarget(baseUrl), property), runs(500));
    });

    it('sends all of them with every request there', async () => {
      const property = async (config: Target): Promise<void> => {
        const bare = await send(config);
        const authenticated = await send(config, manager);
        expect(bare?.place).toSatisfy(isOurs);
        expect(authenticated?.place).toBe(bare?.place);
        expect(authenticated && credentialsOf(authenticated)).toEqual([
          `x-api-key: ${apiKey}`,
          'authorization: Bearer token-1',
          expect.stringContaining('requestId='),
        ]);
        expect(written(authenticated)).toEqual(written(bare));
      };
      await fc.assert(fc.asyncProperty(plainTarget(baseUrl), property), runs(200));
    });
  });
}
