import { describe, expect, it } from 'vitest';
import { environmentPath, isEnvironment, isTokenEndpoint } from '../../src/base/environments.js';

describe('environmentPath', () => {
  it.each([
    ['UAT', 'ext_uat_cert'],
    ['SIM', 'ext_prod_sim'],
    ['LIVE', 'ext_prod_live'],
  ] as const)('of %s is %s', (environment, path) => {
    expect(environmentPath(environment)).toBe(path);
  });

  it.each(['live', 'ext_uat_cert', 'toString', '', undefined, null, 0, ['UAT']])(
    'is a RangeError for %j',
    (value) => {
      expect(() => environmentPath(value as 'UAT')).toThrow(
        new RangeError("environment must be 'UAT', 'SIM' or 'LIVE'"),
      );
    },
  );
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

describe('isTokenEndpoint', () => {
  it.each([
    'https://ttrestapi.trade.tt/ttid/ext_uat_cert/token',
    'https://ttrestapi.trade.tt/ttid/ext_prod_live/token?requestId=1',
    'http://127.0.0.1:1/a/ttid/ext_prod_sim/token#part',
  ])('takes %s', (url) => {
    expect(isTokenEndpoint(url)).toBe(true);
  });

  it.each([
    'https://ttrestapi.trade.tt/ttpds/ext_uat_cert/markets',
    'https://ttrestapi.trade.tt/ttid/ext_uat_cert/tokens',
    'https://ttrestapi.trade.tt/ttid/ext_uat_cert/token/1',
    'https://ttrestapi.trade.tt/ttid/token',
    'https://ttrestapi.trade.tt/ttpds/ext_uat_cert/markets?next=/ttid/ext_uat_cert/token',
  ])('does not take %s', (url) => {
    expect(isTokenEndpoint(url)).toBe(false);
  });
});
