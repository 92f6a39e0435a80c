import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createPlace, type Finished, type Place } from '../cli/command.js';
import { expectNoSecrets } from '../helpers/expect-no-secrets.js';

/*
 * Every call of the command in failures that quote everything. That nothing is printed is checked by
 * createPlace() after each call; here the failures, and the files that are left.
 */

const calls: readonly (readonly string[])[] = [
  [],
  ['--force-refresh'],
  ['--verify'],
  ['--online'],
  ['--show', '--force-refresh'],
];
const strangeToken = 'J4hT7!gW9@pL2?xD5~rF8;kS1,yB6';
const always = { count: Infinity };

function echo({ fake }: Place): string {
  const secrets = [fake.apiKey, fake.apiSecret, String(fake.tokenRequests[0]?.accessToken)];
  const pieces = secrets.map((secret) => secret.slice(3, 14));
  return [...pieces, ...pieces.map(encodeURIComponent), ...secrets].join(' ');
}

interface CommandFailure {
  readonly name: string;
  /** Brings the failure about. */
  start(place: Place): unknown;
}

const failures: readonly CommandFailure[] = [
  ...[200, 401, 429, 500].map((status) => ({
    name: `TT answers ${status} and quotes everything`,
    start(place: Place) {
      const body = { status: 'Fail', message: echo(place) };
      place.fake.failNextTokenRequests({ status, body, ...always });
      place.fake.failNextRequests({ status, body, ...always });
    },
  })),
  {
    name: 'TT answers with pages that quote everything',
    start(place) {
      const page = { status: 200, body: `<html>${echo(place)}</html>`, ...always };
      place.fake.failNextTokenRequests(page);
      place.fake.failNextRequests({ ...page, status: 502 });
    },
  },
  {
    name: 'TT redirects elsewhere, with everything in the URL',
    start(place) {
      const location = `http://127.0.0.1:9/?${encodeURIComponent(echo(place))}`;
      for (const path of ['/ttid/ext_uat_cert/token', '/ttpds/ext_uat_cert/markets'])
        place.fake.redirect(path, { status: 307, location });
    },
  },
  { name: 'nothing listens', start: ({ fake }) => fake.close() },
  {
    name: 'the token file is cut off',
    start: ({ tokenFile }) =>
      writeFile(tokenFile, `{"version":1,"token":{"accessToken":"${strangeToken}`),
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
function mistakes({ fake: { apiKey, apiSecret } }: Place): Record<string, string>[] {
  const joined = `${apiKey}:${apiSecret}`;
  return [
    { TT_API_KEY: joined },
    { TT_API_SECRET: `${apiSecret} ${apiSecret}` },
    { TT_ENVIRONMENT: apiSecret },
    { TT_BASE_URL: apiSecret },
    { TT_BASE_URL: `https://${joined}@127.0.0.1:9` },
    { TT_APP_NAME: '@', TT_COMPANY_NAME: apiSecret },
    { TT_TOKEN_FILE: `/proc/${apiSecret}/${apiKey}` },
  ];
}

async function expectCleanFolder({ folder, tokenFile, fake }: Place): Promise<void> {
  const { apiKey, apiSecret } = fake;
  const issued = fake.tokenRequests.flatMap(({ accessToken }) => accessToken ?? []);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (!entry.isFile() || entry.name === '.env') continue;
    const tokens = path === tokenFile ? [] : [strangeToken, ...issued];
    const text = await readFile(path, 'utf8');
    expectNoSecrets(
      { apiKey, apiSecret, ...Object.fromEntries(tokens.entries()) },
      entry.name,
      text,
    );
  }
}

/** Waits for all calls, even when one shows something: none may outlive its test. */
async function all(runs: readonly Promise<Finished>[]): Promise<readonly Finished[]> {
  await Promise.allSettled(runs);
  return Promise.all(runs);
}

describe('tt-token shows nothing', () => {
  it.each(failures.map((failure) => [failure.name, failure] as const))(
    'where %s',
    async (_, { start }) => {
      const place = await createPlace();
      expect((await place.run([])).code).toBe(0);
      await start(place);
      const outputs = [[], ['--output', 'json']];
      const runs = calls.flatMap((args) => outputs.map((output) => [...args, ...output]));
      for (const { stdout, stderr } of await all(runs.map((args) => place.run(args)))) {
        expect(stdout + stderr).not.toBe('');
        expectNoSecrets({ strangeToken }, stdout, stderr);
      }
      await expectCleanFolder(place);
    },
  );

  it('where a variable holds a secret by mistake', async () => {
    const place = await createPlace();
    for (const env of mistakes(place)) {
      const runs = calls.map((args) => place.run(args, { env }));
      for (const { stdout, stderr } of await all(runs)) expect(stdout + stderr).not.toBe('');
    }
    await expectCleanFolder(place);
  });
});
