import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import {
  fileStore,
  memoryStore,
  type TokenErrorCode,
  type TokenManagerOptions,
} from '../../src/index.js';
import type { StoredRecord, StoreSession } from '../../src/index.js';
import { writeRecord } from '../helpers/write-record.js';
import {
  apiSecret,
  apiKey,
  encryptionKey,
  strangeToken,
  type SecretScene,
} from './secret-scene.js';

/** A way in which a refresh fails, from the moment that the test wants it. */
export interface RefreshFailure {
  readonly name: string;
  /** The code that callers without a token get; undefined where they get a token all the same. */
  readonly code?: TokenErrorCode;
  /** Options of the manager; `isOn` tells whether the failure is wanted by now. */
  options?(scene: SecretScene, isOn: () => boolean): Partial<TokenManagerOptions>;
  /** Brings the failure about. */
  start?(scene: SecretScene): unknown;
}

const always = { count: Infinity };

function answers(
  status: number,
  code: TokenErrorCode,
  field: 'status_message' | 'status_desc' | 'message',
): RefreshFailure {
  return {
    name: `the endpoint answers ${status} and quotes everything in its ${field}`,
    code,
    start: ({ tt, echo }) =>
      tt.failNextTokenRequests({ status, body: { status: 'Fail', [field]: echo() }, ...always }),
  };
}

const endpoint: readonly RefreshFailure[] = [
  answers(400, 'CREDENTIALS_REJECTED', 'status_message'),
  answers(401, 'CREDENTIALS_REJECTED', 'message'),
  answers(403, 'CREDENTIALS_REJECTED', 'status_desc'),
  answers(200, 'CREDENTIALS_REJECTED', 'status_message'),
  answers(429, 'TOKEN_RATE_LIMITED', 'message'),
  answers(500, 'TOKEN_REQUEST_FAILED', 'status_desc'),
  answers(503, 'TOKEN_REQUEST_FAILED', 'message'),
  {
    name: 'the endpoint answers with a page that quotes everything',
    code: 'TOKEN_RESPONSE_INVALID',
    start: ({ tt, echo }) =>
      tt.failNextTokenRequests({ status: 200, body: `<html>${echo()}</html>`, ...always }),
  },
  {
    name: 'the endpoint gives a token without a lifetime',
    code: 'TOKEN_RESPONSE_INVALID',
    start: ({ tt }) =>
      tt.failNextTokenRequests({
        status: 200,
        body: { status: 'Ok', access_token: strangeToken, message: strangeToken },
        ...always,
      }),
  },
  {
    name: 'the endpoint answers without a body',
    code: 'TOKEN_RESPONSE_INVALID',
    start: ({ tt }) => tt.faultNextTokenRequests({ fault: 'empty', ...always }),
  },
  {
    name: 'the endpoint gives a token that has expired',
    code: 'TOKEN_RESPONSE_INVALID',
    start: ({ tt }) => tt.faultNextTokenRequests({ fault: 'expired', ...always }),
  },
  {
    name: 'the answer of the endpoint is cut off',
    code: 'TOKEN_REQUEST_FAILED',
    start: ({ tt }) => tt.faultNextTokenRequests({ fault: 'truncate', ...always }),
  },
  {
    name: 'the endpoint resets connections',
    code: 'TOKEN_REQUEST_FAILED',
    start: ({ tt }) => tt.faultNextTokenRequests({ fault: 'reset', ...always }),
  },
  {
    name: 'the endpoint does not answer',
    code: 'TOKEN_REQUEST_FAILED',
    options: () => ({ timeoutMs: 200 }),
    start: ({ tt }) => tt.faultNextTokenRequests({ fault: 'hang', ...always }),
  },
  {
    name: 'the endpoint redirects elsewhere, with everything in the URL',
    code: 'TOKEN_REQUEST_FAILED',
    start: ({ tt, echo }) =>
      tt.redirect('/ttid/ext_uat_cert/token', {
        status: 307,
        location: `http://127.0.0.1:9/?${encodeURIComponent(echo())}`,
      }),
  },
  {
    name: 'the endpoint redirects in a loop',
    code: 'TOKEN_REQUEST_FAILED',
    start: ({ tt }) =>
      tt.redirect('/ttid/ext_uat_cert/token', {
        status: 307,
        location: '/ttid/ext_uat_cert/token',
      }),
  },
];

type Fetch = typeof globalThis.fetch;

function fetchThat(name: string, fail: (...request: Parameters<Fetch>) => unknown): RefreshFailure {
  return {
    name: `fetch ${name}`,
    code: 'TOKEN_REQUEST_FAILED',
    options: (_, isOn) => ({
      fetch: (...request) =>
        isOn() ? (fail(...request) as ReturnType<Fetch>) : globalThis.fetch(...request),
    }),
  };
}

const fetches: readonly RefreshFailure[] = [
  fetchThat('throws and quotes its arguments', (url, init) => {
    throw new TypeError(`fetch failed: ${JSON.stringify([url, init])}`);
  }),
  fetchThat('rejects with an error that holds them', (url, init) => {
    const code = JSON.stringify(init?.body);
    const cause = Object.assign(new Error(code), { name: code, code });
    return Promise.reject(Object.assign(new Error('fetch failed', { cause }), { url, init }));
  }),
  fetchThat('rejects with the body', (_, init) => rejectWith(init?.body)),
  fetchThat('rejects with the request', (_, init) => rejectWith(init)),
];

/** Rejects with what may be no error. */
function rejectWith(reason: unknown): Promise<never> {
  const error = reason as Error;
  return Promise.reject(error);
}

function secretThat(name: string, give: () => unknown): RefreshFailure {
  return {
    name: `apiSecret ${name}`,
    code: 'TOKEN_REQUEST_FAILED',
    options: (_, isOn) => ({
      apiSecret: () => (isOn() ? give() : apiSecret) as string,
      timeoutMs: 200,
    }),
  };
}

/** A secret that the manager knows, in the place of another. */
const vaultSecret = apiKey;

const secrets: readonly RefreshFailure[] = [
  secretThat('throws and quotes the secret', () => {
    throw new Error(`vault: wrong value '${vaultSecret}'`);
  }),
  secretThat('takes the bare secret for JSON', () => JSON.parse(vaultSecret) as unknown),
  secretThat('rejects with the secret', () => rejectWith(vaultSecret)),
  secretThat('rejects with the secret in bytes', () => rejectWith(Buffer.from(vaultSecret))),
  secretThat('gives the secret with a line break', () => `${vaultSecret}\n${vaultSecret}`),
  secretThat('gives an object', () => Promise.resolve({ secret: vaultSecret })),
  secretThat('never answers', () => new Promise(() => undefined)),
];

type Session = StoreSession;

/** A store that works until `change` replaces parts of its session. */
function storeThat(
  name: string,
  change: (session: Session, refuse: (...args: unknown[]) => never) => Partial<Session>,
): RefreshFailure {
  return {
    name: `a store ${name} and quotes everything`,
    options({ echo }, isOn) {
      const inner = memoryStore();
      function refuse(...args: unknown[]): never {
        const error = new Error(`redis: ${echo()} ${JSON.stringify(args)}`);
        throw Object.assign(error, { command: args });
      }
      return {
        store: {
          open(identity) {
            const session = inner.open(identity);
            const changed = { ...session, ...change(session, refuse) };
            const current = (): Session => (isOn() ? changed : session);
            return {
              read: () => current().read(),
              write: (...given) => current().write(...given),
              acquire: (onTakeover) => current().acquire(onTakeover),
            };
          },
        },
      };
    },
  };
}

const stores: readonly RefreshFailure[] = [
  storeThat('refuses to read', (_, refuse) => ({ read: refuse })),
  storeThat('has no lock and refuses to write', (_, refuse) => ({
    acquire: refuse,
    write: refuse,
  })),
  storeThat('has a lease that refuses all', (session, refuse) => ({
    async acquire() {
      const lease = await session.acquire();
      if (!lease) return undefined;
      return {
        write: refuse,
        async release() {
          await lease.release();
          refuse();
        },
      };
    },
  })),
];

const tokenFiles: readonly RefreshFailure[] = [
  {
    name: 'the token file is a folder',
    async start({ tokenFile }) {
      await rm(tokenFile, { force: true });
      await mkdir(tokenFile);
    },
  },
  {
    name: 'the token file is a link to itself',
    async start({ tokenFile }) {
      await rm(tokenFile, { force: true });
      await symlink('token.json', tokenFile);
    },
  },
  {
    name: 'the folder of the token file is a file',
    options: ({ folder }) => ({ tokenFile: `${folder}/below/token.json` }),
    async start({ folder }) {
      await rm(`${folder}/below`, { recursive: true, force: true });
      await writeFile(`${folder}/below`, 'a file');
    },
  },
];

/** The key is never had: what has once been given is not asked for again. */
function keyThat(name: string, give: () => unknown): RefreshFailure {
  return {
    name: `encryptionKey ${name}`,
    options: () => ({ encryptionKey: () => give() as string, store: undefined }),
  };
}

/** Every failure of a function that is to give the key. */
export const keyFailures: readonly RefreshFailure[] = [
  keyThat('rejects with bytes', () => rejectWith(encryptionKey)),
  keyThat('takes bare hex for JSON', () => JSON.parse(encryptionKey.toString('hex')) as unknown),
  keyThat('gives a byte too few', () => encryptionKey.subarray(1)),
  keyThat('gives an object', () => ({ key: encryptionKey.toString('hex') })),
];

function tokenFileThat(
  name: string,
  write: (scene: SecretScene) => Promise<unknown>,
): RefreshFailure {
  return { name: `the token file ${name}`, start: write };
}

const owner = { environment: 'UAT', keyFingerprint: '0123456789abcdef' } as const;
const strangeRecord = ({ tt }: SecretScene): StoredRecord => ({
  version: 1,
  ...owner,
  baseUrl: tt.url,
  token: {
    accessToken: strangeToken,
    tokenType: 'bearer',
    obtainedAt: Date.now(),
    expiresAt: Date.now() + 3_600_000,
  },
});

const sealedFiles: readonly RefreshFailure[] = [
  tokenFileThat('is plain', (scene) =>
    writeFile(scene.tokenFile, JSON.stringify(strangeRecord(scene))),
  ),
  tokenFileThat('is encrypted with another key', async (scene) => {
    const other = { ...owner, baseUrl: scene.tt.url };
    const store = fileStore({ path: scene.tokenFile });
    await writeRecord(store, other, strangeRecord(scene), Buffer.alloc(32, 1));
  }),
  tokenFileThat('belongs to another app key', async (scene) => {
    const other = { ...owner, baseUrl: scene.tt.url };
    const store = fileStore({ path: scene.tokenFile });
    await writeRecord(store, other, strangeRecord(scene), encryptionKey);
  }),
  tokenFileThat('is the key itself', ({ tokenFile }) =>
    writeFile(tokenFile, encryptionKey.toString('hex')),
  ),
  {
    name: 'the path of the token file holds the key',
    options: () => ({
      tokenFile: `/proc/${encryptionKey.toString('hex')}/token.json`,
      encryptionKey,
      store: undefined,
    }),
  },
];

/** Every failure of the token endpoint and of what is asked before it. */
export const refreshFailures: readonly RefreshFailure[] = [...endpoint, ...fetches, ...secrets];

/** Every failure that an encrypted token file has besides, which costs nobody a token either. */
export const encryptionFailures: readonly RefreshFailure[] = [...keyFailures, ...sealedFiles];

/** Every failure of the store, which costs nobody a token. */
export const storeFailures: readonly RefreshFailure[] = [...stores, ...tokenFiles];
