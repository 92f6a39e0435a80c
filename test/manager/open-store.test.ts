import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { memoryStore } from '../../src/index.js';
import { resolveOptions, type TokenManagerOptions } from '../../src/options/options.js';
import { openStore } from '../../src/manager/open-store.js';
import { toRecord } from '../../src/records/record.js';
import { fingerprint } from '../../src/tt/credentials.js';

const given: TokenManagerOptions = {
  apiKey: 'q7Zk-93vX1-w4Tj',
  apiSecret: 'm5Rb-82yU6-h0Np',
  appName: 'My App',
  companyName: 'Acme Co',
  environment: 'SIM',
};

afterEach(() => void vi.unstubAllEnvs());

/** An empty folder that is also where the default token file would be. */
async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tt-token-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  vi.stubEnv('XDG_STATE_HOME', folder);
  return folder;
}

/** Opens the store for some options and puts an empty record into it. */
async function writeInto(options: Partial<TokenManagerOptions>) {
  const { identity, session } = openStore(resolveOptions({ ...given, ...options }));
  const record = toRecord(identity, {});
  await session.write(record);
  return record;
}

it.runIf(process.platform === 'linux')(
  'is the file of key and environment in the user’s state folder by default, private',
  async () => {
    const folder = await newFolder();
    const record = await writeInto({});
    const name = `tt_token_SIM_${fingerprint(given.apiKey)}.json`;
    const path = join(folder, 'tt-token-manager', name);
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(record);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(dirname(path))).mode & 0o777).toBe(0o700);
  },
);

it('is the token file that the options name', async () => {
  const folder = await newFolder();
  const record = await writeInto({ tokenFile: join(folder, 'token.json') });
  expect(await readdir(folder)).toEqual(['token.json']);
  expect(JSON.parse(await readFile(join(folder, 'token.json'), 'utf8'))).toEqual(record);
});

it('is the store that the options give, whatever token file they name', async () => {
  const folder = await newFolder();
  const store = memoryStore();
  const record = await writeInto({ store, tokenFile: join(folder, 'token.json') });
  expect(await store.open(record).read()).toEqual(record);
  expect(await readdir(folder)).toEqual([]);
});

it('may be watched before anything else, and is opened once', () => {
  const store = memoryStore();
  const open = vi.spyOn(store, 'open');
  const { session } = openStore(resolveOptions({ ...given, store }));
  expect(open).not.toHaveBeenCalled();
  session.watch().close();
  session.watch().close();
  expect(open).toHaveBeenCalledOnce();
});

it('is opened for the key’s fingerprint, the environment and the base URL in its normal form', () => {
  const options = { ...given, baseUrl: 'https://TT.example:443/api/' };
  expect(openStore(resolveOptions(options)).identity).toEqual({
    environment: 'SIM',
    baseUrl: 'https://tt.example/api',
    keyFingerprint: fingerprint(given.apiKey),
  });
});
