import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { expect, onTestFinished, vi } from 'vitest';
import {
  createTokenManager,
  fileStore,
  type TokenManager,
  type TokenManagerOptions,
} from '../../src/index.js';
import { eventNames } from '../../src/manager/events.js';
import { startFakeTT, type FakeTT } from '../../src/testing/index.js';
import { expectNoSecrets, inspectWithGetters, type Secrets } from '../helpers/expect-no-secrets.js';

export const apiKey = 'K7pQz2Lm-9XwTr4Vb-Hn6Gy1Sd';
export const apiSecret = 'Zq8!vR3@uJ5?tN1~fB7;cM9,xW2';
/** A token that only the token endpoint, the store or the token file has ever shown. */
export const strangeToken = 'J4hT7!gW9@pL2?xD5~rF8;kS1,yB6';

/** The key of encrypted token files. Its bytes are a text, so that they can be searched for as one. */
export const encryptionKey = Buffer.from('vN5@tR8!mK2?yH7~dJ4;wB9,zQ3%cL6&');
/** The key in the forms that somebody may give or quote; bytes and base64 are searched for in any of these. */
export const keySecrets: Secrets = {
  encryptionKey: encryptionKey.toString(),
  'encryptionKey in hex': encryptionKey.toString('hex'),
  'encryptionKey in base64': encryptionKey.toString('base64'),
};

/** How a manager comes to an encrypted token file. */
export type Encryption = (tokenFile: string) => Partial<TokenManagerOptions>;

/** Every form in which the key may be given. */
export const encryptions: readonly (readonly [name: string, Encryption])[] = [
  ['a key in hex', () => ({ encryptionKey: encryptionKey.toString('hex') })],
  ['a key in base64', () => ({ encryptionKey: encryptionKey.toString('base64') })],
  ['a key that is bytes', () => ({ encryptionKey: new Uint8Array(encryptionKey) })],
  ['a function that gives bytes', () => ({ encryptionKey: () => encryptionKey })],
  [
    'a function that gives a text later',
    () => ({ encryptionKey: () => Promise.resolve(encryptionKey.toString('hex')) }),
  ],
  [
    'a store of its own',
    (path) => ({
      store: fileStore({ path }),
      encryptionKey: encryptionKey.toString('base64'),
    }),
  ],
];

/** The forms in turn, so that every matrix of failures meets all of them. */
export function encryptionInTurn(index: number): Encryption | undefined {
  return encryptions[index % encryptions.length]?.[1];
}

/** The stand-in with marked credentials, and everything that a manager and the process let out. */
export interface SecretScene {
  readonly tt: FakeTT;
  readonly folder: string;
  readonly tokenFile: string;
  /** An API whose answers quote nothing of the request. */
  readonly api: QuietApi;
  /** Key, secret, the key of the token file and every token there is, by name. */
  secrets(): Secrets;
  /** A message that quotes those that the manager knows, whole and in part. */
  echo(): string;
  create(options?: Partial<TokenManagerOptions>): TokenManager;
  /** The names of the events so far. */
  events(): readonly string[];
  /** Checks the values, and everything else that could be seen since the start. */
  expectNothingShown(...values: readonly unknown[]): Promise<void>;
}

/** A trusted server that takes every token but the refused ones. */
export interface QuietApi {
  readonly url: string;
  refuse(accessToken: string): void;
  close(): Promise<void>;
}

async function startApi(): Promise<QuietApi> {
  const refused = new Set<string | undefined>([undefined]);
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      const isRefused = refused.has(request.headers.authorization);
      response.writeHead(isRefused ? 401 : 200, { 'content-type': 'application/json' });
      response.end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    refuse: (accessToken) => void refused.add(`Bearer ${accessToken}`),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Sets up a {@link SecretScene}; with an encryption the token is nowhere on the disk. */
export async function setSecretScene(encryption?: Encryption): Promise<SecretScene> {
  const tt = await startFakeTT({ apiKey, apiSecret });
  const api = await startApi();
  const folder = await mkdtemp(join(tmpdir(), 'tt-secret-'));
  const tokenFile = join(folder, 'token.json');
  const managers: TokenManager[] = [];
  const emitted: { name: string; event: object }[] = [];
  const published: unknown[] = [];
  const warnings: Error[] = [];
  const publish = (message: unknown): void => void published.push(message);
  const warn = (warning: Error): void => void warnings.push(warning);
  for (const name of eventNames) subscribe(`tt-token-manager:${name}`, publish);
  process.on('warning', warn);
  performance.clearResourceTimings();
  const printers = [
    vi.spyOn(process.stdout, 'write'),
    vi.spyOn(process.stderr, 'write'),
    ...(['log', 'info', 'warn', 'error', 'debug', 'trace', 'dir'] as const).map((name) =>
      vi.spyOn(console, name),
    ),
  ];
  onTestFinished(async () => {
    for (const printer of printers) printer.mockRestore();
    for (const name of eventNames) unsubscribe(`tt-token-manager:${name}`, publish);
    process.off('warning', warn);
    await Promise.all(managers.map((manager) => manager.close()));
    await Promise.all([tt.close(), api.close()]);
    await rm(folder, { recursive: true, force: true });
  });

  function issued(): Secrets {
    const tokens = tt.tokenRequests.flatMap(({ accessToken }) => accessToken ?? []);
    return Object.fromEntries(tokens.map((one, index) => [`token ${index}`, one]));
  }

  const secrets = (): Secrets => ({
    apiKey,
    apiSecret,
    ...keySecrets,
    strangeToken,
    ...issued(),
  });

  return {
    tt,
    api,
    folder,
    tokenFile,
    secrets,
    echo() {
      const known = { apiKey, apiSecret, ...issued() };
      const quotes = Object.values(known).flatMap((secret) => [
        secret,
        secret.slice(2, 11),
        encodeURIComponent(secret.slice(2, 11)),
        Buffer.from(secret).toString('base64'),
      ]);
      // A store of its own keeps its key to itself; a function may not have been asked yet.
      const given = encryption?.(tokenFile).encryptionKey;
      const isKnown = given !== undefined && typeof given !== 'function';
      const keys = isKnown ? Object.values(keySecrets) : [];
      return [...keys, ...quotes].join(' ');
    },
    create(options = {}) {
      const manager = createTokenManager({
        apiKey,
        apiSecret,
        appName: 'Secret',
        companyName: 'Tests',
        baseUrl: tt.url,
        trustedOrigins: [api.url],
        tokenFile,
        autoRefresh: false,
        ...encryption?.(options.tokenFile ?? tokenFile),
        ...options,
      });
      managers.push(manager);
      for (const name of eventNames) manager.on(name, (event) => emitted.push({ name, event }));
      return manager;
    },
    events: () => emitted.map(({ name }) => name),
    async expectNothingShown(...values) {
      expect(published).toEqual(emitted.map(({ event }) => event));
      expect(printers.flatMap(({ mock }) => mock.calls)).toEqual([]);
      expectNoSecrets(secrets(), ...values, ...managers, emitted, published, warnings);
      expectNoSecrets(secrets(), ...[...managers, emitted].map(inspectWithGetters));
      expectNoSecrets(secrets(), ...performance.getEntries().map(({ name }) => name));
      const inTokenFile = encryption ? secrets() : { apiKey, apiSecret, ...keySecrets };
      for (const [name, text] of Object.entries(await filesOf(folder)))
        expectNoSecrets(name === 'token.json' ? inTokenFile : secrets(), name, text);
    },
  };
}

/** The files in a folder and below, by their names in it. */
export async function filesOf(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
  return Object.fromEntries(
    paths.map((path, index) => [relative(folder, path), texts[index] ?? '']),
  );
}
