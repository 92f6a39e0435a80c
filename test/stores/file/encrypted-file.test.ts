import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  createTokenManager,
  fileStore,
  type EncryptionKey,
  type StoredRecord,
  type StoreIdentity,
  type StoreSession,
  type TokenManager,
  type TokenManagerEvents,
} from '../../../src/index.js';
import { startFakeTT, type FakeTT } from '../../../src/testing/index.js';
import { itKeepsTheStoreContract } from '../store-contract.js';

const key = randomBytes(32);
const identity: StoreIdentity = {
  environment: 'UAT',
  baseUrl: 'https://tt.example/',
  keyFingerprint: '0123456789abcdef',
};
const accessToken = 'a-token-that-must-not-be-found';

function recordOf(obtainedAt = Date.now()): StoredRecord {
  const token = { accessToken, tokenType: 'bearer', obtainedAt, expiresAt: obtainedAt + 3_600_000 };
  return { version: 1, ...identity, token };
}

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tt-token-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

function openAt(path: string, encryptionKey?: EncryptionKey): StoreSession {
  return fileStore({ path, encryptionKey }).open(identity);
}

/** Everything that all files of a folder hold. */
async function contentsOf(folder: string): Promise<string> {
  const names = await readdir(folder);
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'latin1')));
  return texts.join('\n');
}

/** Writes under the lock, as a refresh does. */
async function writeUnderLock(session: StoreSession, record: StoredRecord): Promise<void> {
  const lease = await session.acquire();
  expect(await lease?.write(record)).toBe(true);
  await lease?.release();
}

itKeepsTheStoreContract(async () => {
  const path = join(await newFolder(), 'token.json');
  return { open: () => fileStore({ path, encryptionKey: key }) };
});

describe('an encrypted token file', () => {
  it('holds nothing of the record, is private, and is another one at each write', async () => {
    const folder = await newFolder();
    const path = join(folder, 'token.json');
    const session = openAt(path, key);
    const seen = new Set<string>();
    for (const write of [
      () => session.write(recordOf()),
      () => session.write(recordOf()),
      () => writeUnderLock(session, recordOf()),
    ]) {
      await write();
      const text = await readFile(path, 'utf8');
      seen.add(text);
      for (const part of [accessToken, 'bearer', 'UAT', identity.keyFingerprint, 'tt.example']) {
        expect(text).not.toContain(part);
        expect(Buffer.from(text.slice(12), 'base64url').toString('latin1')).not.toContain(part);
      }
    }
    expect(seen.size).toBe(3);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['token.json']);
  });

  it.each([
    ['another key', { encryptionKey: randomBytes(32) }],
    ['another environment', { environment: 'LIVE' as const }],
    ['another base URL', { baseUrl: 'https://other.example/' }],
    ['another app key', { keyFingerprint: 'fedcba9876543210' }],
  ])('of %s is refused, and replaced at the next write', async (_, change) => {
    const path = join(await newFolder(), 'token.json');
    await openAt(path, key).write(recordOf());
    const { encryptionKey = key, ...rest } = { encryptionKey: undefined, ...change };
    const owner: StoreIdentity = { ...identity, ...rest };
    const other = fileStore({ path, encryptionKey }).open(owner);
    await expect(other.read()).rejects.toThrow(
      'the token file is encrypted with another key or for another owner, or was changed',
    );
    const record = { ...recordOf(), ...owner };
    await writeUnderLock(other, record);
    expect(await other.read()).toEqual(record);
    await expect(openAt(path, key).read()).rejects.toThrow('another key');
  });

  it('that was changed or cut off is refused', async () => {
    const path = join(await newFolder(), 'token.json');
    const session = openAt(path, key);
    await session.write(recordOf());
    const text = await readFile(path, 'utf8');
    for (const changed of [text.slice(0, -1), text.slice(0, 30), `${text}A`, `${text}\n`]) {
      await writeFile(path, changed);
      await expect(session.read()).rejects.toThrow('was changed');
    }
    for (const garbage of ['', 'x'.repeat(100), text.slice(1), '{"version":1}']) {
      await writeFile(path, garbage);
      await expect(session.read()).rejects.toThrow('the token file is not encrypted');
    }
  });

  it('takes the place of a plain one and leaves no plain copy, temporary files of the dead included', async () => {
    const folder = await newFolder();
    const path = join(folder, 'token.json');
    const dead = `${path}.0b0e2d1c-6f1c-4a9d-8f0a-3b1c2d4e5f60.tmp`;
    const foreign = join(folder, 'other.json.tmp');
    for (const write of [
      (session: StoreSession) => writeUnderLock(session, recordOf()),
      (session: StoreSession) => session.write(recordOf()),
    ]) {
      await openAt(path).write(recordOf());
      await writeFile(dead, JSON.stringify(recordOf()).slice(0, -20));
      await writeFile(foreign, '{}');
      const session = openAt(path, key);
      await expect(session.read()).rejects.toThrow('the token file is not encrypted');
      await write(session);
      expect(await session.read()).toMatchObject({ token: { accessToken } });
      expect(await contentsOf(folder)).not.toContain(accessToken);
      expect((await readdir(folder)).sort()).toEqual(['other.json.tmp', 'token.json']);
    }
  });

  it('leaves the temporary file of another that encrypts alone', async () => {
    const folder = await newFolder();
    const path = join(folder, 'token.json');
    const session = openAt(path, key);
    await session.write(recordOf());
    const other = `${path}.0b0e2d1c-6f1c-4a9d-8f0a-3b1c2d4e5f60.tmp`;
    await writeFile(other, await readFile(path));
    await session.write(recordOf());
    expect(await readdir(folder)).toContain('token.json.0b0e2d1c-6f1c-4a9d-8f0a-3b1c2d4e5f60.tmp');
  });

  it('gives way to a plain one when encryption is turned off', async () => {
    const folder = await newFolder();
    const path = join(folder, 'token.json');
    await openAt(path, key).write(recordOf());
    const plain = openAt(path);
    await expect(plain.read()).rejects.toThrow(
      'the token file is encrypted, and no key for it is given',
    );
    const record = recordOf();
    await writeUnderLock(plain, record);
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(record);
    expect(await readdir(folder)).toEqual(['token.json']);
  });

  it('is refused at creation where the key is wrong', () => {
    expect(() => fileStore({ path: 'token.json', encryptionKey: 'short' })).toThrow(
      new RangeError('encryptionKey must be 32 bytes, as such, in hex or in base64'),
    );
    expect(() => fileStore({ path: 'token.json', encryptionKey: 7 as never })).toThrow(TypeError);
  });

  it('shows its key nowhere in the store', () => {
    const store = fileStore({ path: 'token.json', encryptionKey: key.toString('hex') });
    const shown = inspect([store, store.open(identity)], { depth: 10, showHidden: true });
    expect(shown).not.toContain(key.toString('hex').slice(0, 8));
  });
});

describe('a manager with an encrypted token file', () => {
  async function setUp(): Promise<{
    tt: FakeTT;
    folder: string;
    tokenFile: string;
    start(encryptionKey: EncryptionKey | undefined): {
      manager: TokenManager;
      storeFailed: TokenManagerEvents['storeFailed'][];
    };
  }> {
    const tt = await startFakeTT();
    const folder = await newFolder();
    const tokenFile = join(folder, 'token.json');
    const managers: TokenManager[] = [];
    onTestFinished(async () => {
      await Promise.all(managers.map((manager) => manager.close()));
      await tt.close();
    });
    return {
      tt,
      folder,
      tokenFile,
      start(encryptionKey) {
        const manager = createTokenManager({
          apiKey: tt.apiKey,
          apiSecret: tt.apiSecret,
          appName: 'App',
          companyName: 'Company',
          baseUrl: tt.url,
          tokenFile,
          encryptionKey,
          autoRefresh: false,
        });
        managers.push(manager);
        const storeFailed: TokenManagerEvents['storeFailed'][] = [];
        manager.on('storeFailed', (event) => storeFailed.push(event));
        return { manager, storeFailed };
      },
    };
  }

  it('shares its token with the managers that have the same key, in any form', async () => {
    const { tt, start } = await setUp();
    const forms = [key, key.toString('hex'), key.toString('base64'), () => Promise.resolve(key)];
    for (const form of forms) {
      const { manager, storeFailed } = start(form);
      expect((await manager.getToken()).accessToken).toBe(tt.tokenRequests[0]?.accessToken);
      expect(storeFailed).toEqual([]);
    }
    expect(tt.tokenRequests).toHaveLength(1);
  });

  it.each([
    ['plain to encrypted', undefined, key, 'is not encrypted'],
    ['encrypted to plain', key, undefined, 'is encrypted, and no key for it is given'],
    ['one key to another', key, randomBytes(32), 'is encrypted with another key'],
  ])(
    'replaces the file with its first refresh and says why: %s',
    async (_, before, after, reason) => {
      const { tt, folder, start } = await setUp();
      const old = await start(before).manager.getToken();
      const { manager, storeFailed } = start(after);
      expect(await manager.status()).toMatchObject({ exists: false, valid: false });
      const token = await manager.getToken();
      expect(token.accessToken).not.toBe(old.accessToken);
      expect(storeFailed).toEqual([
        { operation: 'read', message: expect.stringContaining(reason) as string },
      ]);
      const next = start(after);
      expect((await next.manager.getToken()).accessToken).toBe(token.accessToken);
      expect(next.storeFailed).toEqual([]);
      expect(tt.tokenRequests).toHaveLength(2);
      const contents = await contentsOf(folder);
      expect(contents).not.toContain(old.accessToken);
      expect(contents.includes(token.accessToken)).toBe(after === undefined);
      expect(await readdir(folder)).toEqual(['token.json']);
    },
  );

  it('whose KMS fails works in memory, asks it once, and says why', async () => {
    const { tt, tokenFile, start } = await setUp();
    const shared = await start(key).manager.getToken();
    const before = await readFile(tokenFile);
    const ask = vi.fn(() =>
      Promise.reject(Object.assign(new Error('denied'), { code: 'KMS_DENIED' })),
    );
    const { manager, storeFailed } = start(ask);
    const token = await manager.getToken();
    expect(token.accessToken).not.toBe(shared.accessToken);
    expect((await manager.getToken()).accessToken).toBe(token.accessToken);
    expect(storeFailed.map(({ operation }) => operation)).toEqual(['read', 'lock', 'write']);
    for (const { message } of storeFailed) {
      expect(message).toBe('encryptionKey could not be read: denied (KMS_DENIED)');
    }
    expect(ask).toHaveBeenCalledTimes(1);
    expect(tt.tokenRequests).toHaveLength(2);
    expect(await readFile(tokenFile)).toEqual(before);
  });

  it('whose KMS hangs is not kept from closing', async () => {
    const { tt, start } = await setUp();
    const ask = vi.fn(() => new Promise<never>(() => undefined));
    const { manager } = start(ask);
    const failed = expect(manager.getToken()).rejects.toMatchObject({ code: 'MANAGER_CLOSED' });
    await expect.poll(() => ask.mock.calls.length).toBe(1);
    await manager.close();
    await failed;
    expect(tt.tokenRequests).toHaveLength(0);
  });

  it('refuses a wrong key at once', async () => {
    const { start } = await setUp();
    expect(() => start('0123')).toThrow(RangeError);
    expect(() => start({} as never)).toThrow(
      new TypeError('encryptionKey must be a Uint8Array, a string or a function'),
    );
  });
});
