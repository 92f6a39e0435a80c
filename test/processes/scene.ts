import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { StoredRecord } from '../../src/records/record.js';
import { writeRecord } from '../helpers/write-record.js';
import { startFakeTT, type FakeTT, type FakeTTOptions } from '../../src/testing/index.js';
import { fingerprint } from '../../src/tt/credentials.js';
import { fileStore, type TokenManagerOptions } from '../../src/index.js';
import { optionsFor, startWorker, type TestWorker, type WorkerSettings } from './workers.js';

/** A stand-in server, a folder for the token file, and the processes of one test; all gone after it. */
export interface Scene {
  readonly tt: FakeTT;
  readonly folder: string;
  readonly tokenFile: string;
  /** The variables of a program that uses the stand-in and the token file. */
  readonly environment: Readonly<Record<string, string>>;
  start(
    count: number,
    settings?: WorkerSettings,
    options?: Partial<TokenManagerOptions>,
  ): Promise<readonly TestWorker[]>;
  startOne(settings?: WorkerSettings, options?: Partial<TokenManagerOptions>): Promise<TestWorker>;
  /** Puts a token into the file that ends so many milliseconds from now, or ended before. */
  storeToken(endsInMs: number): Promise<string>;
  stored(): Promise<StoredRecord>;
  /** The files beside the token file. */
  leftovers(): Promise<string[]>;
  /** The worker that sent the token request of this number, counted from 0. */
  requester(workers: readonly TestWorker[], index?: number): TestWorker;
}

/** Sets up a {@link Scene}. */
export async function setScene(fakeOptions: FakeTTOptions = {}): Promise<Scene> {
  const tt = await startFakeTT(fakeOptions);
  const folder = await mkdtemp(join(tmpdir(), 'tt-token-'));
  const tokenFile = join(folder, 'token.json');
  const started: TestWorker[] = [];
  onTestFinished(async () => {
    await Promise.all(started.map((worker) => worker.end()));
    await tt.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function startOne(
    settings?: WorkerSettings,
    options?: Partial<TokenManagerOptions>,
  ): Promise<TestWorker> {
    const name = `w${started.length}x${Math.random().toString(36).slice(2, 6)}`;
    const worker = await startWorker({ ...optionsFor(tt, name, tokenFile), ...options }, settings);
    started.push(worker);
    return worker;
  }

  return {
    tt,
    folder,
    tokenFile,
    environment: {
      PATH: process.env.PATH ?? '',
      TT_API_KEY: tt.apiKey,
      TT_API_SECRET: tt.apiSecret,
      TT_APP_NAME: 'Host',
      TT_COMPANY_NAME: 'Tests',
      TT_BASE_URL: tt.url,
      TT_TOKEN_FILE: tokenFile,
    },
    startOne,
    start: (count, settings, options) =>
      Promise.all(Array.from({ length: count }, () => startOne(settings, options))),
    async storeToken(endsInMs) {
      const identity = {
        environment: 'UAT',
        baseUrl: `${tt.url}/`,
        keyFingerprint: fingerprint(tt.apiKey),
      } as const;
      const accessToken = 'stored-token-of-the-test';
      const expiresAt = Date.now() + endsInMs;
      const token = {
        accessToken,
        tokenType: 'bearer',
        obtainedAt: expiresAt - 3_600_000,
        expiresAt,
      };
      await writeRecord(fileStore({ path: tokenFile }), identity, { token });
      return accessToken;
    },
    stored: async () => JSON.parse(await readFile(tokenFile, 'utf8')) as StoredRecord,
    leftovers: async () => (await readdir(folder)).filter((name) => name !== 'token.json'),
    requester(workers, index = 0) {
      const requestId = tt.tokenRequests[index]?.requestId ?? '';
      const found = workers.find(({ name }) => requestId.startsWith(`${name}-`));
      if (!found) throw new Error(`no worker sent token request ${index}`);
      return found;
    },
  };
}

/** What all processes got, as one: the tokens they hold and how many callers were served. */
export function together(all: readonly { served: number; tokens: readonly string[] }[]): {
  served: number;
  tokens: string[];
} {
  return {
    served: all.reduce((sum, { served }) => sum + served, 0),
    tokens: [...new Set(all.flatMap(({ tokens }) => tokens))],
  };
}
