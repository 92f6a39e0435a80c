import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import {
  createTokenManager,
  memoryStore,
  type StoreIdentity,
  type TokenManagerOptions,
} from '../../src/index.js';
import { fingerprint } from '../../src/tt/credentials.js';
import { grantingFetch } from '../helpers/granting-fetch.js';
import { itOn } from '../helpers/systems.js';

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

const identity: StoreIdentity = {
  environment: 'SIM',
  baseUrl: 'https://ttrestapi.trade.tt/',
  keyFingerprint: fingerprint(given.apiKey),
};

/** Lets a manager with some options get a token. */
async function getWith(options: Partial<TokenManagerOptions>): Promise<void> {
  const { fetch } = grantingFetch();
  const manager = createTokenManager({ ...given, fetch, autoRefresh: false, ...options });
  await manager.getToken();
  await manager.close();
}

/** What a text is of. */
const recordIn = (text: string | undefined): unknown => JSON.parse(text ?? '');

itOn('linux')(
  'is the file of key and environment in the user’s state folder by default, private',
  async () => {
    const folder = await newFolder();
    await getWith({});
    const name = `tt_token_SIM_${fingerprint(given.apiKey)}.json`;
    const path = join(folder, 'tt-token-manager', name);
    expect(recordIn(await readFile(path, 'utf8'))).toMatchObject(identity);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(dirname(path))).mode & 0o777).toBe(0o700);
  },
);

it('is the token file that the options name', async () => {
  const folder = await newFolder();
  await getWith({ tokenFile: join(folder, 'token.json') });
  expect(await readdir(folder)).toEqual(['token.json']);
  expect(recordIn(await readFile(join(folder, 'token.json'), 'utf8'))).toMatchObject(identity);
});

it('is the store that the options give, whatever token file they name', async () => {
  const folder = await newFolder();
  const store = memoryStore();
  await getWith({ store, tokenFile: join(folder, 'token.json') });
  expect(recordIn(await store.open(identity).read())).toMatchObject(identity);
  expect(await readdir(folder)).toEqual([]);
});

it('is opened once, when it is needed, for the base URL in its normal form', async () => {
  const store = memoryStore();
  const open = vi.spyOn(store, 'open');
  const { fetch } = grantingFetch();
  const baseUrl = 'https://TT.example:443/api/';
  const manager = createTokenManager({ ...given, fetch, store, baseUrl, autoRefresh: false });
  expect(open).not.toHaveBeenCalled();
  await manager.getToken();
  await manager.status();
  await manager.close();
  expect(open.mock.calls).toEqual([[{ ...identity, baseUrl: 'https://tt.example/api' }]]);
});
