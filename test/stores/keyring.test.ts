import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTokenManager, type StoredRecord, type TokenManagerEvents } from '../../src/index.js';
import { keyringCredentials } from '../../src/stores/keyring-credentials.js';
import { defaultService, keyringEntry, tokenEntry } from '../../src/stores/keyring-entry.js';
import { keyringStore, optionsFromKeyring } from '../../src/stores/keyring.js';
import { startFakeTT } from '../../src/testing/index.js';
import {
  hasGnomeKeyring,
  startGnomeKeyring,
  type KeyringSession,
} from '../helpers/gnome-keyring.js';
import { itKeepsTheStoreContract } from './store-contract.js';

const identity = {
  environment: 'UAT',
  baseUrl: 'https://tt.example/',
  keyFingerprint: '0123456789abcdef',
} as const;
const names = { TT_APP_NAME: 'App', TT_COMPANY_NAME: 'Company' };
let services = 0;

/** A service that no other test uses. */
function newService(): string {
  return `tt-test-${++services}`;
}

function managerWith(tt: Awaited<ReturnType<typeof startFakeTT>>, service: string) {
  const { apiKey, apiSecret, url: baseUrl } = tt;
  const manager = createTokenManager({
    apiKey,
    apiSecret,
    baseUrl,
    appName: 'App',
    companyName: 'Company',
    store: keyringStore({ service }),
    autoRefresh: false,
  });
  const storeFailed: TokenManagerEvents['storeFailed'][] = [];
  manager.on('storeFailed', (event) => storeFailed.push(event));
  return { manager, storeFailed };
}

describe.skipIf(!hasGnomeKeyring())('with a system keyring', () => {
  let session: KeyringSession;

  beforeAll(async () => {
    session = await startGnomeKeyring();
    for (const [name, value] of Object.entries(session.variables)) vi.stubEnv(name, value);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await session.end();
  });

  itKeepsTheStoreContract(() => {
    const service = newService();
    return Promise.resolve({ open: () => keyringStore({ service }) });
  });

  it('the record is in the keyring, and in no file beside the lock', async () => {
    const service = newService();
    const store = keyringStore({ service }).open(identity);
    const lease = await store.acquire();
    const token = { accessToken: 'a-token', tokenType: 'bearer', obtainedAt: 1, expiresAt: 2 };
    const record: StoredRecord = { version: 1, ...identity, token };
    expect(await lease?.write(record)).toBe(true);
    const folder = join(session.variables.XDG_STATE_HOME, 'tt-token-manager');
    const entries = await readdir(folder, { withFileTypes: true });
    for (const entry of entries.filter((one) => one.isFile())) {
      expect(await readFile(join(folder, entry.name), 'utf8')).not.toContain('a-token');
    }
    await lease?.release();
    expect(await readdir(folder)).toEqual([]);
    expect(JSON.parse((await tokenEntry(service, identity).read()) ?? '')).toEqual(record);
  });

  it('other services, environments and keys have records of their own', async () => {
    const service = newService();
    await keyringStore({ service })
      .open(identity)
      .write({ version: 1, ...identity });
    for (const store of [
      keyringStore({ service: newService() }).open(identity),
      keyringStore({ service }).open({ ...identity, environment: 'LIVE' }),
      keyringStore({ service }).open({ ...identity, keyFingerprint: 'fedcba9876543210' }),
    ]) {
      expect(await store.read()).toBeUndefined();
    }
    expect(await keyringStore({ service }).open(identity).read()).toBeDefined();
  });

  it('other services have locks of their own', async () => {
    const leases = await Promise.all(
      [newService(), newService()].map((service) =>
        keyringStore({ service }).open(identity).acquire(),
      ),
    );
    expect(leases).not.toContain(undefined);
    for (const lease of leases) await lease?.release();
  });

  it('garbage in the keyring counts as none', async () => {
    const service = newService();
    await tokenEntry(service, identity).write('once upon a time');
    expect(await keyringStore({ service }).open(identity).read()).toBeUndefined();
  });

  it('managers share one token request', async () => {
    await using tt = await startFakeTT({ latencyMs: 20 });
    const service = newService();
    const managers = Array.from({ length: 3 }, () => managerWith(tt, service));
    const tokens = await Promise.all(managers.map(({ manager }) => manager.getToken()));
    expect(new Set(tokens.map(({ accessToken }) => accessToken)).size).toBe(1);
    expect(managers.flatMap(({ storeFailed }) => storeFailed)).toEqual([]);
    expect(tt.tokenRequests).toHaveLength(1);
    await Promise.all(managers.map(({ manager }) => manager.close()));
  });

  describe('optionsFromKeyring', () => {
    const stored = { apiKey: 'a-key', apiSecret: 'a-secret' };

    it('takes from the keyring what no variable gives', async () => {
      const service = newService();
      await keyringCredentials('UAT', service).write(stored);
      expect(await optionsFromKeyring({ service, env: names })).toMatchObject(stored);
      const env = { ...names, TT_API_KEY: 'a-key' };
      expect(await optionsFromKeyring({ service, env })).toMatchObject(stored);
      const other = { ...names, TT_API_KEY: 'b-key', TT_API_SECRET: 'b-secret' };
      expect(await optionsFromKeyring({ service, env: other })).toMatchObject({
        apiKey: 'b-key',
        apiSecret: 'b-secret',
      });
    });

    it('gives no secret for another key, and none of another environment', async () => {
      const service = newService();
      await keyringCredentials('UAT', service).write(stored);
      const env = { ...names, TT_API_KEY: 'b-key' };
      await expect(optionsFromKeyring({ service, env })).rejects.toThrow(
        new TypeError('TT_API_SECRET must be set'),
      );
      const live = { ...names, TT_ENVIRONMENT: 'live' };
      await expect(optionsFromKeyring({ service, env: live })).rejects.toThrow(
        new TypeError('TT_API_KEY, TT_API_SECRET must be set'),
      );
      await keyringCredentials('LIVE', service).write(stored);
      expect(await optionsFromKeyring({ service, env: live })).toMatchObject(stored);
      expect(await keyringCredentials('LIVE', service).remove()).toBe(true);
      expect(await keyringCredentials('LIVE', service).remove()).toBe(false);
    });
  });
});

describe('without a system keyring', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tt-keyring-'));
    vi.stubEnv('DBUS_SESSION_BUS_ADDRESS', undefined);
    vi.stubEnv('XDG_RUNTIME_DIR', undefined);
    vi.stubEnv('XDG_STATE_HOME', folder);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    vi.doUnmock('@napi-rs/keyring');
    await rm(folder, { recursive: true, force: true });
  });

  const noBus =
    'the system keyring cannot be used (there is no D-Bus session): use a token file, encrypted if need be';

  it.runIf(process.platform === 'linux')('managers work in memory and say why', async () => {
    await using tt = await startFakeTT();
    const { manager, storeFailed } = managerWith(tt, newService());
    const { accessToken } = await manager.getToken();
    expect((await manager.getToken()).accessToken).toBe(accessToken);
    expect(storeFailed).toEqual(
      ['read', 'lock', 'write'].map((operation) => ({ operation, message: noBus })),
    );
    expect(tt.tokenRequests).toHaveLength(1);
    expect(await readdir(folder)).toEqual([]);
    await manager.close();
  });

  it.runIf(process.platform === 'linux')('optionsFromKeyring says why', async () => {
    await expect(optionsFromKeyring({ env: names })).rejects.toThrow(noBus);
    const env = { ...names, TT_API_KEY: 'a-key', TT_API_SECRET: 'a-secret' };
    expect(await optionsFromKeyring({ env })).toMatchObject({ apiKey: 'a-key' });
  });

  it('a keyring that hangs or fails is given its time once, and shows nothing of what it was given', async () => {
    vi.useFakeTimers();
    const calls: string[] = [];
    class AsyncEntry {
      getSecret = () => {
        calls.push('get');
        return new Promise(() => undefined);
      };
      setSecret = () => {
        calls.push('set');
        return Promise.reject(new Error('cannot keep q7Zk93vX1w4TjLm2Rb. More of it'));
      };
    }
    vi.doMock('@napi-rs/keyring', () => ({ AsyncEntry }));
    try {
      const hanging = keyringEntry(defaultService, 'one');
      const failed = expect(hanging.read()).rejects.toMatchObject({
        name: 'KeyringError',
        reason: 'did not answer within 5000 ms',
      });
      await vi.dynamicImportSettled();
      await vi.advanceTimersByTimeAsync(5_000);
      await failed;
      await expect(hanging.write('a')).rejects.toMatchObject({ name: 'KeyringError' });
      expect(calls).toEqual(['get']);
      await vi.advanceTimersByTimeAsync(30_000);
      await expect(hanging.write('a')).rejects.toMatchObject({ reason: 'cannot keep [redacted]' });
      expect(calls).toEqual(['get', 'set']);
    } finally {
      vi.useRealTimers();
    }
  });

  it.each([
    ['', RangeError],
    [7, TypeError],
  ])('a service of %j is refused by name', (service, kind) => {
    const make = () => keyringStore({ service: service as string });
    expect(make).toThrow(kind);
    expect(make).toThrow(/^service must /);
  });
});
