import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { aText, createPlace, parseJson } from './command.js';

const none = {
  TT_API_KEY: undefined,
  TT_API_SECRET: undefined,
  TT_APP_NAME: undefined,
  TT_COMPANY_NAME: undefined,
  TT_BASE_URL: undefined,
  TT_TOKEN_FILE: undefined,
};
/** Keeps Node from reading `--env-file` itself. */
const node = ['--'];

describe('the variables', () => {
  it.each(['TT_API_KEY', 'TT_API_SECRET', 'TT_APP_NAME', 'TT_COMPANY_NAME'])(
    'are named when missing or empty: %s',
    async (name) => {
      const { fake, run } = await createPlace();
      for (const value of [undefined, '', '  ']) {
        const { code, stdout, stderr } = await run([], { env: { [name]: value } });
        expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
        expect(stderr).toMatch(new RegExp(`^tt-token: ${name} must be set, .*--help\n$`));
      }
      expect(fake.tokenRequests).toHaveLength(0);
    },
  );

  it('are named all at once', async () => {
    const { run } = await createPlace();
    const { stderr } = await run([], { env: none });
    expect(stderr).toContain('TT_API_KEY, TT_API_SECRET, TT_APP_NAME, TT_COMPANY_NAME must be set');
  });

  it('are not shown when they are wrong', async () => {
    const { fake, run } = await createPlace();
    const joined = `${fake.apiKey}:${fake.apiSecret}`;
    const wrong: [Record<string, string>, RegExp][] = [
      [{ TT_API_KEY: joined }, /^tt-token: TT_API_KEY must be the app key alone/],
      [{ TT_API_SECRET: `${fake.apiSecret} and more` }, /^tt-token: TT_API_SECRET must/],
      [{ TT_APP_NAME: '@@@' }, /^tt-token: TT_APP_NAME must/],
      [{ TT_ENVIRONMENT: fake.apiSecret }, /^tt-token: TT_ENVIRONMENT \(--environment\) must/],
      [{ TT_BASE_URL: fake.apiSecret }, /^tt-token: TT_BASE_URL \(--base-url\) must/],
      [{ TT_BASE_URL: 'http://tt.example' }, /TT_BASE_URL \(--base-url\) must .*loopback\n$/],
    ];
    for (const [env, message] of wrong) {
      const { code, stdout, stderr } = await run([], { env });
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(message);
      expect(stderr.split('\n')).toHaveLength(2);
    }
  });

  it('take the secret with the key in front of it', async () => {
    const { fake, run } = await createPlace();
    const env = { TT_API_SECRET: `${fake.apiKey}:${fake.apiSecret}` };
    expect((await run([], { env })).code).toBe(0);
  });

  it.each([[[]], [['--verify']], [['--online']], [['--force-refresh']]])(
    'cause one JSON object when wrong, given %j',
    async (args) => {
      const { run } = await createPlace();
      const finished = await run([...args, '--output', 'json'], { env: { TT_API_KEY: '' } });
      expect(finished).toMatchObject({ code: 2, stderr: '' });
      const code = 'INVALID_CONFIGURATION';
      expect(parseJson(finished)).toEqual({ success: false, error: aText, code });
    },
  );
});

describe('the env file', () => {
  it('is .env in the working directory, if there is one', async () => {
    const { fake, folder, run } = await createPlace();
    const lines = [
      `export TT_API_KEY=${fake.apiKey}`,
      `TT_API_SECRET="${fake.apiSecret}" # quoted`,
      "TT_APP_NAME='My App'",
      'TT_COMPANY_NAME=Company',
      `TT_BASE_URL=${fake.url}`,
      'TT_TOKEN_FILE=from-env-file.json',
    ];
    await writeFile(join(folder, '.env'), `\ufeff${lines.join('\r\n')}\r\n`);
    expect(await run([], { env: none })).toMatchObject({ code: 0, stderr: '' });
    expect(fake.tokenRequests[0]?.requestId).toMatch(/^My_App-Company--/);
    expect((await run(['--verify', '--token-file', 'from-env-file.json'])).code).toBe(0);
  });

  it.each([[[]], [node]])(
    'is the one given with --env-file, under node %j',
    async (nodeOptions) => {
      const { fake, folder, run } = await createPlace();
      await writeFile(join(folder, '.env'), 'TT_APP_NAME=Default');
      await writeFile(join(folder, 'my.env'), 'TT_COMPANY_NAME=Given\nTT_APP_NAME=Given');
      const env = { TT_APP_NAME: undefined, TT_COMPANY_NAME: undefined };
      const { code } = await run(['--env-file', 'my.env'], { env, node: nodeOptions });
      expect(code).toBe(0);
      expect(fake.tokenRequests[0]?.requestId).toMatch(/^Given-Given--/);
    },
  );

  it('is wrong usage when it is given and missing', async () => {
    const { run } = await createPlace();
    const args = ['--env-file', 'missing.env', '--verify'];
    const { code, stderr } = await run(args, { node });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'tt-token: the file of --env-file does not exist\n',
    });
    // Node itself may answer first.
    expect([2, 9]).toContain((await run(args)).code);
    const json = await run([...args, '--output', 'json'], { node });
    expect(json.code).toBe(2);
    expect(parseJson(json)).toMatchObject({ success: false, code: 'INVALID_CONFIGURATION' });
  });

  it('is wrong usage when it cannot be read, and is named', async () => {
    const { folder, run } = await createPlace();
    await mkdir(join(folder, '.env'));
    const { code, stderr } = await run(['--verify']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^tt-token: \.env cannot be read \(EISDIR\).*\n$/);
    await symlink('loop', join(folder, 'loop'));
    expect((await run(['--verify', '--env-file', 'loop'], { node })).code).toBe(2);
  });
});

describe('precedence', () => {
  it('puts options before variables and variables before the file, but nothing empty', async () => {
    const { fake, folder, run } = await createPlace();
    const file = ['TT_APP_NAME=File', 'TT_COMPANY_NAME=File', 'TT_ENVIRONMENT=LIVE'];
    await writeFile(join(folder, '.env'), file.join('\n'));
    const env = { TT_APP_NAME: '', TT_COMPANY_NAME: 'Variable' };

    await run(['--force-refresh'], { env });
    expect(fake.tokenRequests[0]).toMatchObject({ path: '/ttid/ext_prod_live/token' });
    expect(fake.tokenRequests[0]?.requestId).toMatch(/^File-Variable--/);

    await run(['--force-refresh'], { env: { ...env, TT_ENVIRONMENT: 'SIM' } });
    expect(fake.tokenRequests[1]).toMatchObject({ path: '/ttid/ext_prod_sim/token' });

    const args = ['--force-refresh', '--environment', 'uat'];
    await run(args, { env: { ...env, TT_ENVIRONMENT: 'SIM' } });
    expect(fake.tokenRequests[2]).toMatchObject({ path: '/ttid/ext_uat_cert/token' });
  });

  it('lets --base-url and --token-file beat their variables', async () => {
    const { fake, run, readStored } = await createPlace();
    const env = { TT_BASE_URL: 'https://tt.invalid', TT_TOKEN_FILE: 'other.json' };
    const args = ['--base-url', fake.url, '--token-file', 'token.json'];
    expect((await run(args, { env })).code).toBe(0);
    expect((await readStored()).token?.accessToken).toBe(fake.tokenRequests[0]?.accessToken);
  });
});
