import { describe, expect, it } from 'vitest';
import type { GetTokenOptions } from '../../src/index.js';
import { at, errorOf, getFirst, settle, start, useFakeClock } from './setup.js';

useFakeClock();

const url = 'https://ttrestapi.trade.tt/ttpds/ext_uat_cert/markets';
const wrongCalls: readonly (readonly [string, unknown])[] = [
  ['options', null],
  ['options', 'soon'],
  ['signal', { signal: null }],
  ['signal', { signal: 5 }],
  ['signal', { signal: { aborted: false } }],
];

describe.each([true, false])('options of a call, with a token held: %s', (isHeld) => {
  it.each(wrongCalls)('of a wrong form are rejected, naming %s: %j', async (name, options) => {
    const subject = start();
    if (isHeld) await getFirst(subject, 'token-1');
    const before = subject.requests.length;
    const { manager } = subject;
    const given = options as GetTokenOptions;
    for (const call of [() => manager.getToken(given), () => manager.authorize(url, given)]) {
      const error = await errorOf(call());
      expect(error).toBeInstanceOf(TypeError);
      expect((error as Error).message).toMatch(new RegExp(`^${name} must be an `));
    }
    expect(subject.requests).toHaveLength(before);
  });
});

it('takes the signal of another realm or of a polyfill', async () => {
  const subject = start();
  const signal = {
    aborted: false,
    reason: undefined,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  } as unknown as AbortSignal;
  const token = subject.manager.getToken({ signal });
  await settle();
  at(subject.requests, 0).grant('token-1');
  expect((await token).accessToken).toBe('token-1');
});
