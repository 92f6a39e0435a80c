import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  createTokenManager,
  memoryStore,
  type EncryptionKey,
  type StoreLease,
  type TokenManager,
  type TokenManagerEvents,
  type TokenStore,
} from '../../src/index.js';
import { startFakeTT, type FakeTT } from '../../src/testing/index.js';
import { itOn } from '../helpers/systems.js';

const key = randomBytes(32);

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tt-token-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Everything that all files of a folder hold. */
async function contentsOf(folder: string): Promise<string> {
  const names = await readdir(folder);
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'latin1')));
  return texts.join('\n');
}

describe('a manager with an encrypted token file', () => {
  async function setUp(): Promise<{
    tt: FakeTT;
    folder: string;
    tokenFile: string;
    start(
      encryptionKey: EncryptionKey | undefined,
      store?: TokenStore,
    ): {
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
      start(encryptionKey, store) {
        const manager = createTokenManager({
          apiKey: tt.apiKey,
          apiSecret: tt.apiSecret,
          appName: 'App',
          companyName: 'Company',
          baseUrl: tt.url,
          tokenFile,
          store,
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

  itOn('posix')(
    'writes another text each time, which shows nothing of the record, in a private file',
    async () => {
      const { tt, folder, tokenFile, start } = await setUp();
      const { manager } = start(key);
      const seen = new Set<string>();
      for (let turn = 0; turn < 3; turn++) {
        const { accessToken } = await manager.getToken({ forceRefresh: true });
        const text = await readFile(tokenFile, 'utf8');
        seen.add(text);
        const bytes = Buffer.from(text.slice(12), 'base64url').toString('latin1');
        for (const part of [accessToken, 'bearer', 'UAT', tt.url]) {
          expect(text + bytes).not.toContain(part);
        }
      }
      expect(seen.size).toBe(3);
      expect((await stat(tokenFile)).mode & 0o777).toBe(0o600);
      expect(await readdir(folder)).toEqual(['token.json']);
    },
  );

  it('encrypts what it keeps in any store', async () => {
    const { start } = await setUp();
    const inner = memoryStore();
    const texts: string[] = [];
    const store: TokenStore = {
      open(identity) {
        const session = inner.open(identity);
        return {
          ...session,
          async acquire() {
            const lease = await session.acquire();
            const write: StoreLease['write'] = (text, options) => {
              texts.push(text);
              return lease?.write(text, options) ?? Promise.resolve(false);
            };
            return lease && { ...lease, write };
          },
        };
      },
    };
    const { accessToken } = await start(key, store).manager.getToken();
    expect(texts).toEqual([expect.stringMatching(/^tt-sealed-1:[\w-]+$/)]);
    expect((await start(key, store).manager.getToken()).accessToken).toBe(accessToken);
    const other = await start(randomBytes(32), store).manager.getToken();
    expect(other.accessToken).not.toBe(accessToken);
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
