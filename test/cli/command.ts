import { spawn, type StdioOptions } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';
import { run } from '../../src/cli/run.js';
import { fileStore } from '../../src/stores/file/index.js';
import type { StoredRecord } from '../../src/records/record.js';
import { writeRecord } from '../helpers/write-record.js';
import { startFakeTT, type FakeTT, type FakeTTOptions } from '../../src/testing/index.js';
import { fingerprint } from '../../src/tt/credentials.js';
import { expectNoSecrets } from '../helpers/expect-no-secrets.js';

/** The built command. */
export const commandFile = fileURLToPath(new URL('../../dist/tt-token.js', import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CallOptions {
  /** Variables besides those of the place; undefined takes one away. */
  readonly env?: Record<string, string | undefined>;
}

export interface StartOptions extends CallOptions {
  /** Another Node than the one that runs the tests. */
  readonly executable?: string;
  /** Options of Node itself. */
  readonly node?: readonly string[];
  readonly stdio?: StdioOptions;
  /** What it reads from standard input. */
  readonly input?: string | Uint8Array;
  /** Called once the process is there. */
  readonly onStart?: (child: ReturnType<typeof spawn>) => void;
}

/** A stand-in for TT, a working directory and a home of its own. */
export interface Place {
  readonly fake: FakeTT;
  readonly folder: string;
  readonly tokenFile: string;
  /** Calls the command in this process and checks that nothing secret was printed. */
  run(args: readonly string[], options?: CallOptions): Promise<Finished>;
  /** The same in another working directory. */
  runIn(cwd: string): Place['run'];
  /** The same with the built command, in a process of its own. */
  start(args: readonly string[], options?: StartOptions): Promise<Finished>;
  /** Writes a record as the package does, with a token obtained and expiring so many ms from now. */
  storeToken(
    obtainedInMs: number,
    expiresInMs: number,
    accessToken?: string,
    more?: Pick<StoredRecord, 'spacing'>,
  ): Promise<string>;
  readStored(): Promise<StoredRecord>;
}

/** Makes a place that is cleared away when the running test ends. */
export async function createPlace(fakeOptions?: FakeTTOptions): Promise<Place> {
  const fake = await startFakeTT(fakeOptions);
  const folder = await mkdtemp(join(tmpdir(), 'tt-cli-'));
  onTestFinished(async () => {
    await fake.close();
    await rm(folder, { recursive: true, force: true });
  });
  const tokenFile = join(folder, 'token.json');
  const variables = {
    TT_API_KEY: fake.apiKey,
    TT_API_SECRET: fake.apiSecret,
    TT_APP_NAME: 'My App',
    TT_COMPANY_NAME: 'My Company',
    TT_BASE_URL: fake.url,
    TT_TOKEN_FILE: tokenFile,
  };
  const storedTokens: string[] = [];

  function expectNothingSecretIn(text: string, isTokenShown: boolean): void {
    const issued = fake.tokenRequests.flatMap(({ accessToken }) => accessToken ?? []);
    const tokens = isTokenShown ? [] : [...issued, ...storedTokens];
    const { apiKey, apiSecret } = fake;
    expectNoSecrets({ apiKey, apiSecret, ...Object.fromEntries(tokens.entries()) }, text);
  }

  function checked(finished: Finished, args: readonly string[]): Finished {
    expectNothingSecretIn(finished.stderr, args.includes('--show'));
    expectNothingSecretIn(finished.stdout, args.includes('--show') || args.includes('token'));
    expect(finished.stderr).not.toMatch(/^\s+at /m);
    return finished;
  }

  const runIn =
    (cwd: string): Place['run'] =>
    async (args, { env } = {}) => {
      let stdout = '';
      let stderr = '';
      const code = await run(args, {
        env: { ...variables, ...env },
        cwd: () => cwd,
        stdout: { write: (text) => (stdout += text) },
        stderr: { write: (text) => (stderr += text) },
      });
      return checked({ code, stdout, stderr }, args);
    };

  return {
    fake,
    folder,
    tokenFile,
    run: runIn(folder),
    runIn,
    async start(args, options = {}) {
      const { env, executable = process.execPath, node = [], stdio, input, onStart } = options;
      const child = spawn(executable, [...node, commandFile, ...args], {
        cwd: folder,
        env: { PATH: process.env.PATH, HOME: folder, ...variables, ...env },
        stdio: stdio ?? [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      });
      // A command that ends before it has read all closes the pipe.
      child.stdin?.on('error', () => undefined);
      if (input !== undefined) child.stdin?.end(input);
      return checked(await finish(child, onStart), args);
    },
    async storeToken(
      obtainedInMs,
      expiresInMs,
      accessToken = 'stored-by-hand-0123456789',
      more = {},
    ) {
      const now = Date.now();
      const expiresAt = now + expiresInMs;
      const identity = {
        environment: 'UAT',
        baseUrl: new URL(fake.url).href,
        keyFingerprint: fingerprint(fake.apiKey),
      } as const;
      const token = {
        accessToken,
        tokenType: 'bearer',
        obtainedAt: now + obtainedInMs,
        expiresAt,
      };
      storedTokens.push(accessToken);
      await writeRecord(fileStore({ path: tokenFile }), identity, { token, ...more });
      return new Date(expiresAt).toISOString();
    },
    readStored: async () => JSON.parse(await readFile(tokenFile, 'utf8')) as StoredRecord,
  };
}

function finish(
  child: ReturnType<typeof spawn>,
  onStart: StartOptions['onStart'],
): Promise<Finished> {
  if (!existsSync(commandFile)) throw new Error(`${commandFile} is missing: run npx tsup first`);
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  onStart?.(child);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** The one JSON object that `--output json` prints. */
export function parseJson({ stdout }: Finished): Record<string, unknown> {
  expect(stdout).toMatch(/^\{.*\}\n$/);
  return JSON.parse(stdout) as Record<string, unknown>;
}

export const anIsoTime = expect.stringMatching(
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
) as string;
export const aText = expect.any(String) as string;
