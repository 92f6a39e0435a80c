import { describe, expect, it } from 'vitest';
import { isFrameworkSignal } from '../../src/base/thrown.js';

const signal = Object.assign(new Error('this page is dynamic'), { digest: 'DYNAMIC;7' });

describe('a signal of a framework', () => {
  it.each([
    ['an error with a digest', signal],
    ['an object with one', { digest: '' }],
    ['the cause of a failure of fetch', new TypeError('fetch failed', { cause: signal })],
    ['one of several causes', new AggregateError([new Error('other'), signal])],
  ])('is %s', (_, thrown) => {
    expect(isFrameworkSignal(thrown)).toBe(true);
  });

  it.each([undefined, null, 'digest', new Error('digest'), { digest: 7 }, { digest: undefined }])(
    'is not %o',
    (thrown) => {
      expect(isFrameworkSignal(thrown)).toBe(false);
    },
  );

  it('is not an error that cannot be read', () => {
    const { proxy, revoke } = Proxy.revocable(new Error('gone'), {});
    revoke();
    expect(isFrameworkSignal(proxy)).toBe(false);
  });
});
