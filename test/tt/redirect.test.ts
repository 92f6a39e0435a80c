import { describe, expect, it } from 'vitest';
import { redirectStep } from '../../src/tt/redirect.js';

const url = 'https://ttrestapi.trade.tt/ttpds/ext_uat_cert/markets?a=1#part';
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'];

/** The methods, of which some become GET. */
function followed(...becomeGet: string[]): [method: string, next: string][] {
  return methods.map((method) => [method, becomeGet.includes(method) ? 'GET' : method]);
}

function reply(status: number, location: string | null): { status: number; headers: Headers } {
  return { status, headers: new Headers(location === null ? {} : { location }) };
}

/** A text as its bytes come in a header. */
function latin1(text: string): string {
  return Buffer.from(text).toString('latin1');
}

describe('redirectStep', () => {
  const cases = [
    { status: 301, follows: followed('POST') },
    { status: 302, follows: followed('POST') },
    { status: 303, follows: followed('POST', 'PUT', 'DELETE') },
    { status: 307, follows: followed() },
    { status: 308, follows: followed() },
  ].flatMap(({ status, follows }) => follows.map(([method, next]) => ({ status, method, next })));

  it.each(cases)('follows $status after $method with $next', ({ status, method, next }) => {
    const step = redirectStep(reply(status, '/next'), { url, method });
    expect(step).toMatchObject({ url: 'https://ttrestapi.trade.tt/next', method: next });
  });

  it.each([301, 302, 303, 307, 308])('keeps the body after %i exactly where it must', (status) => {
    const keeps = (method: string): boolean | undefined =>
      redirectStep(reply(status, '/next'), { url, method })?.keepsBody;
    expect(keeps('POST')).toBe(status > 303);
    expect(keeps('PUT')).toBe(status !== 303);
    expect(keeps('GET')).toBe(true);
  });

  it.each([
    ['/other?b=2', 'https://ttrestapi.trade.tt/other?b=2'],
    ['other', 'https://ttrestapi.trade.tt/ttpds/ext_uat_cert/other'],
    ['../x/', 'https://ttrestapi.trade.tt/ttpds/x/'],
    ['?b=2', 'https://ttrestapi.trade.tt/ttpds/ext_uat_cert/markets?b=2'],
    ['https://apigateway.trade.tt:8443/x#y', 'https://apigateway.trade.tt:8443/x#y'],
    ['//evil.example/x', 'https://evil.example/x'],
    ['\\\\evil.example/x', 'https://evil.example/x'],
    ['http://ttrestapi.trade.tt/', 'http://ttrestapi.trade.tt/'],
    // As fetch shows a header that was sent in UTF-8.
    ['/\u00c3\u00bc', 'https://ttrestapi.trade.tt/%C3%BC'],
    [latin1('/caf\u00e9/\u20ac'), 'https://ttrestapi.trade.tt/caf%C3%A9/%E2%82%AC'],
    [latin1('//caf\u00e9.example/x'), 'https://xn--caf-dma.example/x'],
  ])('resolves %s to %s', (location, resolved) => {
    expect(redirectStep(reply(307, location), { url, method: 'GET' })?.url).toBe(resolved);
  });

  it.each([
    ['no location', 302, null],
    ['a location that cannot be parsed', 302, 'https://'],
    ['a location with an impossible port', 307, '//host:99999/'],
    ['a location that no HTTP client goes to', 302, 'data:text/plain,x'],
    ['a location of another scheme', 307, 'ftp://ttrestapi.trade.tt/'],
    ['200', 200, '/next'],
    ['201', 201, '/next'],
    ['300', 300, '/next'],
    ['304', 304, '/next'],
    ['305', 305, '/next'],
    ['401', 401, '/next'],
  ])('leads nowhere for %s', (_, status, location) => {
    expect(redirectStep(reply(status, location), { url, method: 'GET' })).toBeUndefined();
  });

  it('reads a location beyond ASCII in the same way however often it is called', () => {
    const steps = new Set<string | undefined>();
    for (let call = 0; call < 10_000; call++) {
      const location = latin1('https://caf\u00e9.example/');
      steps.add(
        redirectStep({ status: 307, headers: { get: () => location } }, { url, method: 'GET' })
          ?.url,
      );
    }
    expect([...steps]).toEqual(['https://xn--caf-dma.example/']);
  });
});
