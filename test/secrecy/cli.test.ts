import { mkdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createPlace, type Finished, type Place } from '../cli/command.js';
import { expectNoSecrets } from '../helpers/expect-no-secrets.js';
import { encryptionKey, filesOf, keySecrets, strangeToken } from './secret-scene.js';

/*
 * Every call of the command in failures that quote everything, with a plain token file and with encrypted ones.
 * That neither credentials nor tokens are printed is checked by createPlace() after each call; here the
 * failures, the key of the token file, and the files that are left.
 */

const calls: readonly (readonly string[])[] = [
  [],
  ['--force-refresh'],
  ['--verify'],
  ['--online'],
  ['--show', '--force-refresh'],
];
const always = { count: Infinity };
const keyInHex = encryptionKey.toString('hex');
const keyInBase64 = encryptionKey.toString('base64');

/** What the service quotes: the key of the token file only where the command knows it. */
function echo({ fake }: Place, keys: readonly string[]): string {
  const secrets = [fake.apiKey, fake.apiSecret, String(fake.tokenRequests[0]?.accessToken)];
  const pieces = secrets.map((secret) => secret.slice(3, 14));
  return [...pieces, ...pieces.map(encodeURIComponent), ...secrets, ...keys].join(' ');
}

interface CommandFailure {
  readonly name: string;
  /** Brings the failure about. */
  start(place: Place, keys: readonly string[]): unknown;
}

const failures: readonly CommandFailure[] = [
  ...[200, 401, 429, 500].map((status) => ({
    name: `TT answers ${status} and quotes everything`,
    start(place: Place, keys: readonly string[]) {
      const body = { status: 'Fail', message: echo(place, keys) };
      place.fake.failNextTokenRequests({ status, body, ...always });
      place.fake.failNextRequests({ status, body, ...always });
    },
  })),
  {
    name: 'TT answers with pages that quote everything',
    start(place) {
      const page = {
        status: 200,
        body: `<html>${echo(place, Object.values(keySecrets))}</html>`,
        ...always,
      };
      place.fake.failNextTokenRequests(page);
      place.fake.failNextRequests({ ...page, status: 502 });
    },
  },
  {
    name: 'TT redirects elsewhere, with everything in the URL',
    start(place) {
      const location = `http://127.0.0.1:9/?${encodeURIComponent(echo(place, Object.values(keySecrets)))}`;
      for (const path of ['/ttid/ext_uat_cert/token', '/ttpds/ext_uat_cert/markets'])
        place.fake.redirect(path, { status: 307, location });
    },
  },
  { name: 'nothing listens', start: ({ fake }) => fake.close() },
  {
    name: 'the token file is another one, and cut off',
    start: ({ tokenFile }) =>
      writeFile(tokenFile, `{"version":1,"token":{"accessToken":"${strangeToken}`),
  },
  {
    name: 'the token file is cut off in the middle',
    start: ({ tokenFile }) => truncate(tokenFile, 80),
  },
  {
    name: 'the token file is a folder',
    async start({ tokenFile }) {
      await rm(tokenFile);
      await mkdir(tokenFile);
    },
  },
  {
    name: 'the env file is full of secrets in the wrong place',
    start: ({ folder, fake: { apiKey, apiSecret } }) =>
      writeFile(join(folder, '.env'), `${apiSecret}\n${apiKey}:${apiSecret}=${strangeToken}\n`),
  },
];

/** Options that hold a secret by mistake. */
function mistakes({ folder, fake: { apiKey, apiSecret } }: Place): Record<string, string>[] {
  const joined = `${apiKey}:${apiSecret}`;
  return [
    { TT_API_KEY: joined },
    { TT_API_SECRET: `${apiSecret} ${apiSecret}` },
    { TT_ENVIRONMENT: apiSecret },
    { TT_BASE_URL: apiSecret },
    { TT_BASE_URL: `https://${joined}@127.0.0.1:9` },
    { TT_APP_NAME: '@', TT_COMPANY_NAME: apiSecret },
    { TT_TOKEN_FILE: `/proc/${apiSecret}/${apiKey}` },
    { TT_TOKEN_FILE_KEY: joined },
    { TT_TOKEN_FILE_KEY: keyInHex.slice(1) },
    ...['TT_ENVIRONMENT', 'TT_BASE_URL', 'TT_API_SECRET'].map((name) => ({ [name]: keyInHex })),
    { TT_TOKEN_FILE: `/proc/${keyInHex}/token.json`, TT_TOKEN_FILE_KEY: keyInHex },
    { TT_TOKEN_FILE: `/proc/${keyInBase64}`, TT_TOKEN_FILE_KEY: keyInBase64 },
    { TT_TOKEN_FILE: join(folder, keyInHex), TT_TOKEN_FILE_KEY: keyInHex },
  ];
}

/** A token may stand in a plain token file only. */
async function expectCleanFolder({ folder, fake }: Place, isPlain: boolean): Promise<void> {
  const { apiKey, apiSecret } = fake;
  const issued = fake.tokenRequests.flatMap(({ accessToken }) => accessToken ?? []);
  const files = Object.entries(await filesOf(folder)).filter(([name]) => name !== '.env');
  for (const [name, text] of files) {
    const tokens = isPlain && name === 'token.json' ? [] : [strangeToken, ...issued];
    const all = { apiKey, apiSecret, ...keySecrets, ...Object.fromEntries(tokens.entries()) };
    expectNoSecrets(all, name, text);
  }
}

/** Waits for all calls, even when one shows something: none may outlive its test. */
async function all(runs: readonly Promise<Finished>[]): Promise<readonly Finished[]> {
  await Promise.allSettled(runs);
  return Promise.all(runs);
}

type Case = readonly [name: string, failure: CommandFailure, key: string | undefined];

const onBothFiles = failures.flatMap((failure, index): Case[] => [
  [failure.name, failure, undefined],
  [`${failure.name}, encrypted`, failure, [keyInHex, keyInBase64][index % 2]],
]);

describe('tt-token shows nothing', () => {
  it.each(onBothFiles)('where %s', async (_, { start }, key) => {
    const place = await createPlace();
    const env = { TT_TOKEN_FILE_KEY: key };
    expect((await place.run([], { env })).code).toBe(0);
    await expectCleanFolder(place, key === undefined);
    await start(place, key === undefined ? [] : Object.values(keySecrets));
    const outputs = [[], ['--output', 'json']];
    const runs = calls.flatMap((args) => outputs.map((output) => [...args, ...output]));
    for (const { stdout, stderr } of await all(runs.map((args) => place.run(args, { env })))) {
      expect(stdout + stderr).not.toBe('');
      expectNoSecrets({ strangeToken, ...keySecrets }, stdout, stderr);
    }
    await expectCleanFolder(place, key === undefined);
  });

  it('where a variable holds a secret by mistake', async () => {
    const place = await createPlace();
    await mkdir(join(place.folder, keyInHex));
    for (const env of mistakes(place)) {
      const runs = calls.map((args) => place.run(args, { env }));
      for (const { stdout, stderr } of await all(runs)) {
        expect(stdout + stderr).not.toBe('');
        expectNoSecrets(keySecrets, stdout, stderr);
      }
    }
    await expectCleanFolder(place, true);
  });

  it('where what is given as a refused token is no token, or an unknown one', async () => {
    const place = await createPlace();
    const env = { TT_TOKEN_FILE_KEY: keyInHex };
    for (const input of [keyInHex, `Bearer ${keyInHex}`, `${keyInBase64}\n${keyInHex}`]) {
      const { stdout, stderr } = await place.start(['refused'], { env, input });
      expectNoSecrets(keySecrets, stdout, stderr);
    }
  });

  it('where a secret stands where the name of its file belongs', async () => {
    const place = await createPlace();
    for (const secret of [keyInHex, keyInBase64]) {
      for (const name of ['TT_API_SECRET', 'TT_TOKEN_FILE_KEY']) {
        const env = { [name]: undefined, [`${name}_FILE`]: secret };
        for (const args of [[], ['doctor'], ['--verify']]) {
          const { stdout, stderr } = await place.run(args, { env });
          expectNoSecrets(keySecrets, stdout, stderr);
        }
      }
    }
  });

  it('where an argument is the key of the token file by mistake', async () => {
    const place = await createPlace();
    const options = ['--environment', '--output', '--base-url', '--dotenv'];
    const wrong = [[keyInHex], [`--${keyInHex}`], ...options.map((name) => [name, keyInHex])];
    for (const { code, stdout, stderr } of await all(wrong.map((args) => place.run(args)))) {
      expect(code).not.toBe(0);
      expectNoSecrets(keySecrets, stdout, stderr);
    }
    await expectCleanFolder(place, true);
  });
});
