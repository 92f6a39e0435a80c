import { describe, expect, it } from 'vitest';
import { bareSecret, fingerprint } from '../../src/tt/credentials.js';

describe('bareSecret', () => {
  it.each([
    ['a bare secret', 'a-secret', 'a-secret'],
    ['a joined secret', 'a-key:a-secret', 'a-secret'],
    ['a joined secret with a colon in it', 'a-key:a:secret', 'a:secret'],
    ['a secret with a colon', 'a:secret', 'a:secret'],
    ['a secret that starts like the key', 'a-key-secret', 'a-key-secret'],
    ['a secret that equals the key', 'a-key', 'a-key'],
    ['a secret that holds the joined form', 'x-a-key:a-secret', 'x-a-key:a-secret'],
    ['a key with nothing behind it', 'a-key:', ''],
  ])('of %s is bare', (_, given, bare) => {
    expect(bareSecret('a-key', given)).toBe(bare);
  });
});

describe('fingerprint', () => {
  it('is the same for the same values, 16 hexadecimal digits that show none of them', () => {
    expect(fingerprint('a-key', 'a-secret')).toMatch(/^[0-9a-f]{16}$/);
    expect(fingerprint('a-key', 'a-secret')).toBe(fingerprint('a-key', 'a-secret'));
  });

  it('differs for other values and for values that are split otherwise', () => {
    const fingerprints = [
      fingerprint('a-key'),
      fingerprint('a-key', 'a-secret'),
      fingerprint('a-key', 'another'),
      fingerprint('a-keya', '-secret'),
      fingerprint('a-secret', 'a-key'),
      fingerprint('a-keya-secret'),
    ];
    expect(new Set(fingerprints).size).toBe(fingerprints.length);
  });
});
