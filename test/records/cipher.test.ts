import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createCipher as cipherFor, type Cipher } from '../../src/records/cipher.js';
import { keySource, type EncryptionKey } from '../../src/records/key.js';
import type { StoreIdentity } from '../../src/index.js';

const bytes = randomBytes(32);
const owner: StoreIdentity = {
  environment: 'UAT',
  baseUrl: 'https://tt.example/',
  keyFingerprint: '0123456789abcdef',
};
const text = JSON.stringify({ token: 'a-token', says: 'Grüße' });

function createCipher(key: EncryptionKey, of: StoreIdentity): Cipher {
  return cipherFor(keySource(key), of);
}

describe('an encryption key', () => {
  const forms: [string, EncryptionKey][] = [
    ['32 bytes', new Uint8Array(bytes)],
    ['a Buffer', bytes],
    ['hex', bytes.toString('hex')],
    ['upper-case hex', bytes.toString('hex').toUpperCase()],
    ['base64', bytes.toString('base64')],
    ['base64url, which has no padding', bytes.toString('base64url')],
    ['base64 with a line end', `${bytes.toString('base64')}\n`],
    ['a function', () => bytes],
    ['a function that gives hex', () => bytes.toString('hex')],
    ['an asynchronous function', () => Promise.resolve(bytes.toString('base64'))],
  ];

  it.each(forms)('may be %s', async (_, key) => {
    const sealed = await createCipher(bytes, owner).seal(text);
    expect(await createCipher(key, owner).open(sealed)).toBe(text);
    expect(await createCipher(bytes, owner).open(await createCipher(key, owner).seal(text))).toBe(
      text,
    );
  });

  it('is copied: what becomes of the given bytes later does not matter', async () => {
    const given = new Uint8Array(bytes);
    const cipher = createCipher(given, owner);
    given.fill(0);
    expect(await cipher.open(await createCipher(bytes, owner).seal(text))).toBe(text);
  });

  const wrong: [string, unknown, string][] = [
    ['undefined', undefined, 'TypeError'],
    ['null', null, 'TypeError'],
    ['a number', 42, 'TypeError'],
    ['an array of numbers', [...bytes], 'TypeError'],
    ['a string object', Object('a'.repeat(64)), 'TypeError'],
    ['empty', '', 'RangeError'],
    ['31 bytes', bytes.subarray(1), 'RangeError'],
    ['33 bytes', Buffer.concat([bytes, bytes.subarray(0, 1)]), 'RangeError'],
    ['32 bytes as 16-bit numbers', new Uint16Array(16), 'TypeError'],
    ['62 digits of hex', bytes.toString('hex').slice(2), 'RangeError'],
    ['66 digits of hex', `${bytes.toString('hex')}ab`, 'RangeError'],
    ['base64 of 31 bytes', bytes.subarray(1).toString('base64'), 'RangeError'],
    [
      'base64 of 33 bytes',
      Buffer.concat([bytes, bytes]).subarray(31).toString('base64'),
      'RangeError',
    ],
    ['hex with a letter too far', `g${bytes.toString('hex').slice(1)}`, 'RangeError'],
    ['a passphrase of 32 characters', 'correct horse battery staple 123', 'RangeError'],
  ];

  it.each(wrong)('that is %s is refused by name, and not shown', (_, key, name) => {
    let thrown: unknown;
    try {
      createCipher(key as EncryptionKey, owner);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({
      name,
      message: expect.stringMatching(/^encryptionKey must be /) as string,
    });
    if (typeof key === 'string' && key !== '')
      expect(inspect(thrown)).not.toContain(key.slice(0, 8));
  });

  it('does not show in the cipher', async () => {
    const cipher = createCipher(bytes, owner);
    await cipher.seal(text);
    const shown = inspect(cipher, { depth: 10, showHidden: true }) + JSON.stringify(cipher);
    for (const form of [bytes.toString('hex').slice(0, 8), bytes.toString('base64').slice(0, 8)]) {
      expect(shown).not.toContain(form);
    }
  });
});

describe('a sealed text', () => {
  it('is another one each time, and shows nothing of the text', async () => {
    const cipher = createCipher(bytes, owner);
    const sealed = await Promise.all(Array.from({ length: 100 }, () => cipher.seal(text)));
    expect(new Set(sealed.map((one) => one.slice(0, 28))).size).toBe(100);
    expect(Buffer.from(sealed[0] ?? '', 'base64url').toString('latin1')).not.toContain('a-token');
  });

  it('opens to what it was, an empty one too', async () => {
    const cipher = createCipher(bytes, owner);
    for (const one of ['', text, 'x'.repeat(100_000)]) {
      expect(await cipher.open(await cipher.seal(one))).toBe(one);
    }
  });

  it.each([
    ['environment', { environment: 'LIVE' }],
    ['base URL', { baseUrl: 'https://tt.example/x' }],
    ['key fingerprint', { keyFingerprint: '0123456789abcdee' }],
  ])('does not open for another %s', async (_, change) => {
    const sealed = await createCipher(bytes, owner).seal(text);
    const other = { ...owner, ...change } as StoreIdentity;
    expect(await createCipher(bytes, other).open(sealed)).toBeUndefined();
    expect(await createCipher(bytes, owner).open(sealed)).toBe(text);
  });

  it('does not open with another key', async () => {
    const sealed = await createCipher(bytes, owner).seal(text);
    expect(await createCipher(randomBytes(32), owner).open(sealed)).toBeUndefined();
  });

  it('does not open when any one of its characters is changed', async () => {
    const cipher = createCipher(bytes, owner);
    const sealed = await cipher.seal(text);
    for (let index = 0; index < sealed.length; index++) {
      for (const other of ['A', 'B', '=', '\n']) {
        const changed = sealed.slice(0, index) + other + sealed.slice(index + 1);
        if (changed !== sealed) expect(await cipher.open(changed)).toBeUndefined();
      }
    }
  });

  it('does not open when any one bit of nonce, tag or ciphertext is changed', async () => {
    const cipher = createCipher(bytes, owner);
    const sealed = await cipher.seal(text);
    const start = sealed.lastIndexOf(':') + 1;
    const inner = Buffer.from(sealed.slice(start), 'base64url');
    for (let bit = 0; bit < inner.length * 8; bit++) {
      const changed = Buffer.from(inner);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const whole = sealed.slice(0, start) + changed.toString('base64url');
      expect(await cipher.open(whole)).toBeUndefined();
    }
  });

  it('does not open when it is cut off anywhere, or longer', async () => {
    const cipher = createCipher(bytes, owner);
    const sealed = await cipher.seal(text);
    for (let length = 0; length < sealed.length; length++) {
      expect(await cipher.open(sealed.slice(0, length))).toBeUndefined();
    }
    for (const more of ['A', '\n', '=', 'AAAA']) {
      expect(await cipher.open(sealed + more)).toBeUndefined();
    }
  });

  it('is told from a plain text, for which no key is asked', async () => {
    const ask = vi.fn(() => bytes);
    expect(await createCipher(ask, owner).open(text)).toBeUndefined();
    expect(ask).not.toHaveBeenCalled();
  });
});

describe('a function that gives the key', () => {
  it('is asked at the first use, once for all that use it within 5 s', async () => {
    const ask = vi.fn(() => Promise.resolve(bytes));
    const cipher = createCipher(ask, owner);
    expect(ask).not.toHaveBeenCalled();
    const sealed = await Promise.all([cipher.seal('a'), cipher.seal('b'), cipher.seal('c')]);
    expect(await cipher.open(sealed[1])).toBe('b');
    expect(ask).toHaveBeenCalledTimes(1);
  });

  it('is asked again 5 s after its answer, which may have been replaced', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const newer = randomBytes(32);
    let current = bytes;
    const ask = vi.fn(() => current);
    const cipher = createCipher(ask, owner);
    await cipher.seal(text);
    current = newer;
    vi.advanceTimersByTime(4_999);
    expect(await cipher.open(await createCipher(bytes, owner).seal(text))).toBe(text);
    expect(ask).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(1);
    expect(await cipher.open(await createCipher(newer, owner).seal(text))).toBe(text);
    expect(ask).toHaveBeenCalledTimes(2);
  });

  it('is asked again 5 s after it failed, or hung', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const ask = vi
      .fn<() => Promise<Buffer>>(() => Promise.resolve(bytes))
      .mockRejectedValueOnce(new Error('the KMS is down'))
      .mockReturnValueOnce(new Promise(() => undefined));
    const cipher = createCipher(ask, owner);
    await expect(cipher.seal(text)).rejects.toThrow('the KMS is down');
    vi.advanceTimersByTime(4_999);
    await expect(cipher.seal(text)).rejects.toThrow('the KMS is down');
    expect(ask).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(1);
    const hung = expect(cipher.seal(text)).rejects.toThrow(
      'encryptionKey could not be read: did not answer within 4000 ms',
    );
    await vi.advanceTimersByTimeAsync(4_000);
    await hung;
    vi.advanceTimersByTime(5_000);
    expect(await cipher.open(await cipher.seal(text))).toBe(text);
    expect(ask).toHaveBeenCalledTimes(3);
  });

  it('and fails after it gave one shows no piece of that one, in any form', async () => {
    const pieces = (['hex', 'base64', 'base64url'] as const).map((form) =>
      bytes.toString(form).slice(3, 11),
    );
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    let fails = false;
    const cipher = createCipher(() => {
      if (fails) throw new Error(`denied for ${pieces.join(' and ')}`);
      return bytes;
    }, owner);
    await cipher.seal(text);
    fails = true;
    vi.advanceTimersByTime(5_000);
    await expect(cipher.seal(text)).rejects.toThrow(
      /: denied for \[redacted\] and \[redacted\] and \[redacted\]$/,
    );
  });

  it.each<[string, () => never | string]>([
    [
      'throws',
      () => {
        throw new Error('AccessDenied');
      },
    ],
    ['gives a key of a wrong length', () => bytes.toString('hex').slice(2)],
    ['gives no key', () => undefined as never],
  ])('and %s makes it reject, naming the option and showing no key', async (_, ask) => {
    const cipher = createCipher(ask, owner);
    const error: unknown = await cipher.seal(text).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      message: expect.stringMatching(/^encryptionKey could not be read: /) as string,
    });
    expect(inspect(error, { depth: 10 })).not.toContain(bytes.toString('hex').slice(2, 10));
    const sealed = await createCipher(bytes, owner).seal(text);
    await expect(cipher.open(sealed)).rejects.toThrow('encryptionKey could not be read');
  });
});
