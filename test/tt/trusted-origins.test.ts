import { describe, expect, it } from 'vitest';
import { createTrustCheck } from '../../src/tt/trusted-origins.js';

const service = createTrustCheck(new URL('https://ttrestapi.trade.tt'), []);

describe('the trusted origins of the real service', () => {
  it.each([
    'https://ttrestapi.trade.tt',
    'https://ttrestapi.trade.tt/ttpds/ext_uat_cert/markets?a=1#part',
    'https://ttrestapi.trade.tt:443/',
    'https://ttrestapi.trade.tt?a=1',
    'HTTPS://TTRESTAPI.TRADE.TT/',
    'https://apigateway.trade.tt/x',
    'https://a.b.trade.tt/x',
    'https://user:password@ttrestapi.trade.tt/x',
    'https://ttrestapi.trade.tt/@evil.example',
    'https://ttrestapi.trade.tt\\@evil.example/',
    ' ht\ttps:\\/ttrestapi.trade.tt/x\n',
  ])('include %s', (url) => {
    expect(service(url)).toBe(true);
    expect(service(new URL(url))).toBe(true);
  });

  it.each([
    'http://ttrestapi.trade.tt/',
    'wss://ttrestapi.trade.tt/',
    'ftp://ttrestapi.trade.tt/',
    'https://ttrestapi.trade.tt:8443/',
    'https://apigateway.trade.tt:444/',
    'https://trade.tt/',
    'https://evil-trade.tt/',
    'https://eviltrade.tt/',
    'https://trade.tt.evil.example/',
    'https://ttrestapi.trade.tt.evil.example/',
    'https://ttrestapi.trade.tt.',
    'https://ttrestapi.trade.tt./',
    'https://apigateway.trade.tt./',
    'https://.trade.tt/',
    'https://a..trade.tt/',
    'https://ttrestapi.trade.tt@evil.example/',
    'https://ttrestapi.trade.tt:443@evil.example/',
    'https://ttrestapi.trade.tt%2f@evil.example/',
    'https://evil.example/.trade.tt',
    'https://evil.example?.trade.tt',
    'https://evil.example#.trade.tt',
    'https://evil.example\\.trade.tt/',
    'https:\\\\evil.example\\.trade.tt',
    'https://evil.example\t/.trade.tt',
    'https://evil.\nexample/https://ttrestapi.trade.tt/',
    'https://tt\u0440estapi.tr\u0430de.tt/',
    'https://ttrestapi.trade.\u{1d4c9}t.example/',
    'https://[::1]/',
    'https://127.0.0.1/',
    'file://ttrestapi.trade.tt/etc/passwd',
    'data:text/plain,https://ttrestapi.trade.tt/',
    'javascript:location="https://ttrestapi.trade.tt/"',
  ])('do not include %j', (url) => {
    expect(service(url)).toBe(false);
    expect(URL.canParse(url) && service(new URL(url))).toBe(false);
  });

  it.each([
    'ttrestapi.trade.tt',
    'ttrestapi.trade.tt:443/x',
    'https:ttrestapi.trade.tt/x',
    'https:/ttrestapi.trade.tt/x',
    ' https:\t/\nttrestapi.trade.tt/x',
    '//ttrestapi.trade.tt/x',
    '\\\\ttrestapi.trade.tt/x',
    '/ttpds/ext_uat_cert/markets',
    'markets',
    '?a=1',
    '',
    'https://',
    'https:// ttrestapi.trade.tt/',
    'https://ttrestapi.trade.tt:99999/',
    'https://ttrestapi.trade.tt|evil.example/',
    undefined,
    null,
    42,
    Symbol('url'),
    Object.create(null),
  ])('do not include %o, which is no absolute URL to every client', (url) => {
    expect(service(url as string)).toBe(false);
  });

  it.each(['https://ttrestapi.trade.tt', 'https://apigateway.trade.tt/prefix'])(
    'include its other hosts for the base URL %s',
    (baseUrl) => {
      const isTrusted = createTrustCheck(new URL(baseUrl), []);
      expect(isTrusted('https://tt-other.trade.tt/x')).toBe(true);
    },
  );
});

describe('the trusted origins of another base URL', () => {
  it.each([
    'http://127.0.0.1:8080',
    'http://ttrestapi.trade.tt',
    'https://ttrestapi.trade.tt:8443',
    'https://trade.tt',
    'https://evil-trade.tt',
    'https://ttrestapi.trade.tt.evil.example',
  ])('are %s alone', (baseUrl) => {
    const isTrusted = createTrustCheck(new URL(baseUrl), []);
    expect(isTrusted(`${baseUrl}/ttpds`)).toBe(true);
    expect(isTrusted('https://apigateway.trade.tt/')).toBe(false);
    expect(isTrusted('https://ttrestapi.trade.tt/')).toBe(false);
  });

  it('are told apart by scheme and port', () => {
    const isTrusted = createTrustCheck(new URL('http://127.0.0.1:8080'), []);
    expect(isTrusted('http://127.0.0.1:8080')).toBe(true);
    const others = [
      'https://127.0.0.1:8080/',
      'http://127.0.0.1/',
      'http://127.0.0.1:80801/',
      'http://127.0.0.1:808/',
      'http://localhost:8080/',
      'http://127.0.0.1:8080@evil.example/',
      'http://127.0.0.1:8080.evil.example/',
    ];
    expect(others.filter((url) => isTrusted(url))).toEqual([]);
  });

  it('hold for the whole origin, whatever path the base URL has', () => {
    const isTrusted = createTrustCheck(new URL('https://proxy.example/tt'), []);
    expect(isTrusted('https://proxy.example/tt/ttpds')).toBe(true);
    expect(isTrusted('https://proxy.example/elsewhere')).toBe(true);
    expect(isTrusted('https://proxy.example.evil.example/tt')).toBe(false);
  });

  it('include the further ones, and neither their subdomains nor lookalikes', () => {
    const further = ['https://tt-proxy.example', 'http://127.0.0.1:9090'];
    const isTrusted = createTrustCheck(new URL('https://proxy.example'), further);
    for (const origin of further) {
      expect(isTrusted(origin)).toBe(true);
      expect(isTrusted(new URL(`${origin}/x`))).toBe(true);
    }
    const others = [
      'http://tt-proxy.example/',
      'https://a.tt-proxy.example/',
      'https://tt-proxy.example:8443/',
      'http://127.0.0.1:9091/',
    ];
    expect(others.filter((url) => isTrusted(url))).toEqual([]);
  });
});
