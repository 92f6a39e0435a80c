import { describe, expect, it } from 'vitest';
import { endpointUrl, isEnvironment } from '../../src/base/environments.js';

describe('endpointUrl', () => {
  it.each([
    ['UAT', 'https://ttrestapi.trade.tt', 'https://ttrestapi.trade.tt/ttid/ext_uat_cert/token'],
    ['SIM', 'https://ttrestapi.trade.tt/', 'https://ttrestapi.trade.tt/ttid/ext_prod_sim/token'],
    ['LIVE', 'http://127.0.0.1:80/a', 'http://127.0.0.1/a/ttid/ext_prod_live/token'],
  ] as const)('for %s at %s is %s', (environment, baseUrl, url) => {
    expect(endpointUrl({ baseUrl: new URL(baseUrl), environment }, 'ttid', 'token')).toBe(url);
  });
});

describe('isEnvironment', () => {
  it.each(['UAT', 'SIM', 'LIVE'])('takes %s', (name) => {
    expect(isEnvironment(name)).toBe(true);
  });

  it.each(['uat', 'PROD', '', 'toString', '__proto__', undefined, null, 0, ['UAT']])(
    'does not take %j',
    (value) => {
      expect(isEnvironment(value)).toBe(false);
    },
  );
});
