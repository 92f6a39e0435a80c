import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTrustCheck } from '../../src/tt/trusted-origins.js';
import { hostileUrl, ownHost } from './hostile-urls.js';
import { runs } from './runs.js';

interface Scene {
  readonly baseUrl: string;
  readonly further: readonly string[];
  /** Where credentials may go. */
  readonly isOurs: (url: URL) => boolean;
}

/** Whether a client would connect for a URL to `protocol//host:port`, the port spelt out. */
function leadsTo({ protocol, hostname, port }: URL, ...places: readonly string[]): boolean {
  return places.includes(`${protocol}//${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`);
}

function leadsToService(url: URL): boolean {
  const [tt, trade, name] = url.hostname.split('.').reverse();
  const isHost = tt === 'tt' && trade === 'trade' && name !== undefined && name !== '';
  return isHost && leadsTo(url, `https://${url.hostname}:443`);
}

const scenes: readonly Scene[] = [
  { baseUrl: `https://${ownHost}`, further: [], isOurs: leadsToService },
  {
    baseUrl: `https://${ownHost}/prefix`,
    further: ['https://tt-proxy.example', 'http://127.0.0.1:8080'],
    isOurs: (url) =>
      leadsToService(url) || leadsTo(url, 'https://tt-proxy.example:443', 'http://127.0.0.1:8080'),
  },
  {
    baseUrl: 'http://127.0.0.1:8080',
    further: [],
    isOurs: (url) => leadsTo(url, 'http://127.0.0.1:8080'),
  },
  {
    baseUrl: 'http://localhost',
    further: ['http://[::1]:8080'],
    isOurs: (url) => leadsTo(url, 'http://localhost:80', 'http://[::1]:8080'),
  },
];

/** The absolute URL that a text is for every client, whatever base that resolves it against. */
function absoluteUrl(text: string): URL | undefined {
  try {
    const url = new URL(text);
    const bases = ['http://base.example/x/y', 'https://base.example/x/y'];
    return bases.every((base) => new URL(text, base).href === url.href) ? url : undefined;
  } catch {
    return undefined;
  }
}

describe.each(scenes)(
  'the trusted origins of $baseUrl and $further',
  ({ baseUrl, further, isOurs }) => {
    const isTrusted = createTrustCheck(new URL(baseUrl), further);
    const { origin } = new URL(baseUrl);
    const anyUrl = hostileUrl(origin, ...further);

    it('are those alone to which a client connects', () => {
      const property = (text: string): void => {
        const url = absoluteUrl(text);
        expect(isTrusted(text)).toBe(url !== undefined && isOurs(url));
      };
      fc.assert(fc.property(anyUrl, property), runs(5_000));
    });

    it('are the same for a text and for the URL that it is', () => {
      const property = (text: string): void => {
        const url = absoluteUrl(text);
        fc.pre(url !== undefined);
        expect(isTrusted(url)).toBe(isTrusted(text));
        expect(isTrusted(url.href)).toBe(isTrusted(text));
      };
      fc.assert(fc.property(anyUrl, property), runs(1_000));
    });

    it('hold for whatever comes behind the origin, in the short way and the long one', () => {
      const property = (rest: string): void => {
        expect(isTrusted(`${origin}/${rest}`)).toBe(true);
        expect(isTrusted(new URL(`${origin}/${rest}`))).toBe(true);
      };
      const rest = fc.oneof(fc.string({ unit: 'binary' }), anyUrl);
      fc.assert(fc.property(rest, property), runs(1_000));
    });
  },
);

it('what is no URL at all is never trusted, and does not throw', () => {
  const isTrusted = createTrustCheck(new URL(`https://${ownHost}`), []);
  const property = (value: unknown): void => {
    fc.pre(typeof value !== 'string' && !Array.isArray(value));
    expect(isTrusted(value as string)).toBe(false);
  };
  fc.assert(fc.property(fc.anything({ withNullPrototype: true }), property), runs(1_000));
});
