import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  onTestFinished,
  vi,
} from 'vitest';
import { createTokenManager, type TokenManagerEvents } from '../../../src/index.js';
import { keyringCredentials, optionsFromKeyring } from '../../../src/options/from-keyring.js';
import { defaultService, keyringEntry, tokenEntry } from '../../../src/stores/keyring/entry.js';
import type { KeyringRequest } from '../../../src/stores/keyring/process.js';
import { keyringStore } from '../../../src/stores/keyring/index.js';
import { startFakeTT } from '../../../src/testing/index.js';
import {
  hasGnomeKeyring,
  startGnomeKeyring,
  type KeyringSession,
} from '../../helpers/gnome-keyring.js';
import { itKeepsTheStoreContract } from '../store-contract.js';

const identity = {
  environment: 'UAT',
  baseUrl: 'https://tt.example/',
  keyFingerprint: '0123456789abcdef',
} as const;
const hour = { lifeMs: 3_600_000 };
const names = { TT_APP_NAME: 'App', TT_COMPANY_NAME: 'Company' };
let services = 0;

/** A service that no other test uses. */
function newService(): string {
  return `tt-test-${++services}`;
}

/** The processes that ask the keyring for this one, with what others can see of them. */
async function keyringProcesses(): Promise<{ pid: number; visible: string }[]> {
  const found = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const looks = found.map(async (pid) => {
    const read = (name: string) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
    const [status, ...visible] = await Promise.all(['status', 'cmdline', 'environ'].map(read));
    const isOurs = status?.includes(`PPid:\t${process.pid}\n`);
    return { pid, visible: isOurs ? visible.join('\n') : '' };
  });
  const all = await Promise.all(looks);
  return all.filter(({ visible }) => visible.includes('TT_TOKEN_MANAGER_KEYRING_PROCESS=1'));
}

/** What keeps this process alive, of processes and pipes to them. */
function holdingThisProcess(): string[] {
  return process.getActiveResourcesInfo().filter((name) => /Process|Pipe/.test(name));
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
    return keyringStore({ service: newService() });
  });

  it('the text is in the keyring, and in no file beside the lock', async () => {
    const service = newService();
    const store = keyringStore({ service }).open(identity);
    const lease = await store.acquire();
    expect(await lease?.write('a-token', hour)).toBe(true);
    const folder = join(session.variables.XDG_STATE_HOME, 'tt-token-manager');
    const entries = await readdir(folder, { withFileTypes: true });
    for (const entry of entries.filter((one) => one.isFile())) {
      expect(await readFile(join(folder, entry.name), 'utf8')).not.toContain('a-token');
    }
    await lease?.release();
    expect(await readdir(folder)).toEqual([]);
    expect(await tokenEntry(service, identity).read()).toBe('a-token');
  });

  it('other services, environments and keys have texts of their own', async () => {
    const service = newService();
    await keyringStore({ service }).open(identity).write('mine', hour);
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

  it.runIf(process.platform === 'linux')(
    'it is asked by one process, which shows no text that is kept, and ends when idle',
    async () => {
      await expect.poll(keyringProcesses).toEqual([]);
      const entry = keyringEntry(newService(), 'one');
      const holding = holdingThisProcess();
      await entry.write('a text to be kept');
      expect(await entry.read()).toBe('a text to be kept');
      expect(holdingThisProcess()).toEqual(holding);
      const asking = await keyringProcesses();
      expect(asking).toHaveLength(1);
      const seen = asking.map(({ visible }) => visible).join();
      expect(seen).toContain('--eval');
      expect(seen).not.toContain('a text to be kept');
      await expect.poll(keyringProcesses).toEqual([]);
      expect(await entry.read()).toBe('a text to be kept');
    },
  );

  it.runIf(process.platform === 'linux')('another process asks when one was killed', async () => {
    const entry = keyringEntry(newService(), 'one');
    await entry.write('kept');
    for (const { pid } of await keyringProcesses()) process.kill(pid, 'SIGKILL');
    await expect.poll(keyringProcesses).toEqual([]);
    expect(await entry.read()).toBe('kept');
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
    await rm(folder, { recursive: true, force: true });
  });

  /** A D-Bus that takes connections and says nothing. */
  function silentBus(): { connections: readonly Socket[]; address: string } {
    const path = join(folder, 'bus');
    const connections: Socket[] = [];
    const bus = createServer((socket) => connections.push(socket)).listen(path);
    onTestFinished(() => {
      for (const socket of connections) socket.destroy();
      bus.close();
    });
    return { connections, address: `unix:path=${path}` };
  }

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

  it.runIf(process.platform === 'linux')(
    'a D-Bus that does not answer stops nothing, and is given its time once',
    async () => {
      const { connections, address } = silentBus();
      vi.stubEnv('DBUS_SESSION_BUS_ADDRESS', address);
      const entry = keyringEntry(defaultService, 'one', 6_000);
      const reading = expect(entry.read()).rejects.toMatchObject({
        name: 'KeyringError',
        reason: 'did not answer within 6000 ms',
      });
      // This very thread accepts the connection while the entry waits for an answer to it.
      await expect.poll(() => connections.length).toBe(1);
      const closed = connections.map((socket) => once(socket.resume(), 'close'));
      await reading;
      await Promise.all(closed);
      await expect(entry.write('{"a":"q7Zk93vX1w4TjLm2Rb"}')).rejects.toMatchObject({
        name: 'KeyringError',
      });
      expect(connections).toHaveLength(1);
      expect(await keyringProcesses()).toEqual([]);
    },
  );

  it.runIf(process.platform === 'linux')(
    'a program that exits takes the process that waits for D-Bus with it',
    async () => {
      const { connections, address } = silentBus();
      const code = `
        require('./dist/keyring.cjs').optionsFromKeyring();
        process.stdin.on('data', () => process.exit());`;
      const program = spawn(process.execPath, ['--eval', code], {
        env: { PATH: process.env.PATH, DBUS_SESSION_BUS_ADDRESS: address },
        stdio: ['pipe', 'ignore', 'ignore'],
      });
      const exited = once(program, 'exit');
      await expect.poll(() => connections.length).toBe(1);
      const closed = connections.map((socket) => once(socket.resume(), 'close'));
      program.stdin.write('now');
      expect(await exited).toEqual([0, null]);
      await Promise.all(closed);
    },
  );

  it.runIf(process.platform === 'linux')(
    'a program that is killed takes the process that waits for D-Bus with it',
    async () => {
      const { connections, address } = silentBus();
      const program = spawn(
        process.execPath,
        ['--eval', "require('./dist/keyring.cjs').optionsFromKeyring();"],
        { env: { PATH: process.env.PATH, DBUS_SESSION_BUS_ADDRESS: address }, stdio: 'ignore' },
      );
      await expect.poll(() => connections.length).toBe(1);
      const closed = connections.map((socket) => once(socket.resume(), 'close'));
      program.kill('SIGKILL');
      await Promise.all(closed);
    },
    20_000, // D-Bus gives up by itself after 25 s.
  );

  it('a failure stands for 30 s, and shows nothing of what it was given', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const calls: string[] = [];
    vi.doMock('../../../src/stores/keyring/process.js', () => ({
      askKeyring: () => (request: KeyringRequest) => {
        calls.push(request.method);
        return Promise.reject(new Error(`cannot keep ${request.text ?? 'it'}. More of it`));
      },
    }));
    vi.resetModules();
    try {
      const { keyringEntry: entryOf } = await import('../../../src/stores/keyring/entry.js');
      const entry = entryOf(defaultService, 'one');
      const failed = { name: 'KeyringError', reason: 'cannot keep [redacted]', isThere: true };
      await expect(entry.write('{"a":"q7Zk93vX1w4TjLm2Rb"}')).rejects.toMatchObject(failed);
      vi.advanceTimersByTime(29_999);
      await expect(entry.read()).rejects.toMatchObject(failed);
      expect(calls).toEqual(['setSecret']);
      vi.advanceTimersByTime(1);
      await expect(entry.read()).rejects.toMatchObject({ ...failed, reason: 'cannot keep it' });
      expect(calls).toEqual(['setSecret', 'getSecret']);
    } finally {
      vi.useRealTimers();
      vi.doUnmock('../../../src/stores/keyring/process.js');
    }
  });

  it('starts nothing in a process that it has started itself, where that is no Node', async () => {
    vi.stubEnv('TT_TOKEN_MANAGER_KEYRING_PROCESS', '1');
    await expect(keyringEntry(defaultService, 'one').read()).rejects.toMatchObject({
      reason: 'it takes Node, and this program is something else',
    });
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
