import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { aText, createPlace, commandFile, parseJson } from './command.js';

const none = {
  TT_API_KEY: undefined,
  TT_API_SECRET: undefined,
  TT_APP_NAME: undefined,
  TT_COMPANY_NAME: undefined,
  TT_BASE_URL: undefined,
  TT_TOKEN_FILE: undefined,
};

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
    const { fake, folder, start } = await createPlace();
    const lines = [
      `export TT_API_KEY=${fake.apiKey}`,
      `TT_API_SECRET="${fake.apiSecret}" # quoted`,
      "TT_APP_NAME='My App'",
      'TT_COMPANY_NAME=Company',
      `TT_BASE_URL=${fake.url}`,
      'TT_TOKEN_FILE=from-env-file.json',
    ];
    await writeFile(join(folder, '.env'), `\ufeff${lines.join('\r\n')}\r\n`);
    expect(await start([], { env: none })).toMatchObject({ code: 0, stderr: '' });
    expect(fake.tokenRequests[0]?.requestId).toMatch(/^My_App-Company--/);
    expect((await start(['--verify', '--token-file', 'from-env-file.json'])).code).toBe(0);
  });

  it.each([[[]], [['--']]])('is the one given with --dotenv, under node %j', async (node) => {
    const { fake, folder, start } = await createPlace();
    await writeFile(join(folder, '.env'), 'TT_APP_NAME=Default');
    await writeFile(join(folder, 'my.env'), 'TT_COMPANY_NAME=Given\nTT_APP_NAME=Given');
    const env = { TT_APP_NAME: undefined, TT_COMPANY_NAME: undefined };
    const { code } = await start(['--dotenv', 'my.env'], { env, node });
    expect(code).toBe(0);
    expect(fake.tokenRequests[0]?.requestId).toMatch(/^Given-Given--/);
  });

  it.each([[['--dotenv', 'absent.env']], [['--dotenv=absent.env', '--output', 'json']]])(
    'is wrong usage when it is given and absent, as a shell starts the command with %j',
    async (args) => {
      const { folder } = await createPlace();
      const child = spawn(commandFile, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
      let printed = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk: Buffer) => (printed += chunk.toString()));
      expect(await once(child, 'close')).toEqual([2, null]);
      expect(printed).toContain('the file of --dotenv does not exist');
      expect(printed).not.toContain('absent.env');
    },
  );

  it('is wrong usage when it is given and cannot be read', async () => {
    const { folder, run } = await createPlace();
    const loop = join(folder, 'loop');
    await symlink('loop', loop);
    for (const [path, code] of [
      [loop, 'ELOOP'],
      [folder, 'EISDIR'],
    ] as const) {
      expect(await run(['--verify', '--dotenv', path])).toEqual({
        code: 2,
        stdout: '',
        stderr: `tt-token: the file of --dotenv cannot be read (${code}): it must be a text file that you may read\n`,
      });
    }
  });

  it('is none where .env is a folder', async () => {
    const { folder, run } = await createPlace();
    await mkdir(join(folder, '.env'));
    expect(await run([])).toMatchObject({ code: 0, stderr: '' });
  });

  it.each([
    ['a loop of links', (path: string) => symlink('.env', path), /^\.env cannot be read \(ELOOP\)/],
    [
      'UTF-16',
      (path: string) => writeFile(path, '\ufeffTT_APP_NAME=App', 'utf16le'),
      /^\.env is not UTF-8 text \(UTF-16, perhaps\): save it as UTF-8$/m,
    ],
    [
      'UTF-16 without its mark',
      (path: string) => writeFile(path, 'TT_APP_NAME=App', 'utf16le'),
      /^\.env is not UTF-8 text/,
    ],
    ['a device', (path: string) => symlink('/dev/zero', path), /^\.env is not a regular file/],
  ])('is named when .env is %s: a warning, unless something is missing', async (_, make, text) => {
    const { folder, run } = await createPlace();
    await make(join(folder, '.env'));
    const complete = await run([]);
    expect(complete.code).toBe(0);
    expect(complete.stderr.replace('tt-token: warning: ', '')).toMatch(text);
    const incomplete = await run([], { env: { TT_APP_NAME: undefined } });
    expect(incomplete).toMatchObject({ code: 2, stdout: '' });
    expect(incomplete.stderr.replace('tt-token: ', '')).toMatch(text);
    expect((await run(['--verify'], { env: { TT_APP_NAME: undefined } })).code).toBe(0);
  });
});

describe('a TT_BASE_URL that only .env in the working directory sets', () => {
  const noUrl = { TT_BASE_URL: undefined };

  it.each([[[]], [['--force-refresh']], [['--online']]])(
    'gets no secret from elsewhere, given %j',
    async (args) => {
      const { fake, folder, run } = await createPlace();
      const other = `TT_API_SECRET=other\nTT_API_KEY=${fake.apiKey}`;
      for (const more of ['', 'TT_API_SECRET=\n', 'TT_API_SECRET=other\n', other]) {
        await writeFile(join(folder, '.env'), `TT_BASE_URL=${fake.url}\n${more}`);
        const { code, stderr } = await run(args, { env: noUrl });
        expect(code).toBe(2);
        expect(stderr).toMatch(/^tt-token: \.env .* sets TT_BASE_URL, but TT_API_SECRET .*\n$/);
      }
      const noSecret = { ...noUrl, TT_API_SECRET: undefined };
      await writeFile(join(folder, '.env'), `TT_BASE_URL=${fake.url}`);
      expect((await run(args, { env: noSecret })).code).toBe(2);
      expect([...fake.tokenRequests, ...fake.requests]).toEqual([]);
    },
  );

  it('counts where the secret comes from the same file, and where the file is named', async () => {
    const { fake, folder, run } = await createPlace();
    const path = join(folder, '.env');
    await writeFile(path, `TT_BASE_URL=${fake.url}\nTT_API_SECRET=${fake.apiSecret}`);
    expect((await run([], { env: { ...noUrl, TT_API_SECRET: undefined } })).code).toBe(0);
    expect((await run(['--online'], { env: noUrl })).code).toBe(0);
    await writeFile(path, `TT_BASE_URL=${fake.url}`);
    const args = ['--force-refresh', '--dotenv', path];
    expect((await run(args, { env: noUrl })).code).toBe(0);
    expect(fake.tokenRequests).toHaveLength(2);
  });

  it('may say which stored token is verified: nothing is sent', async () => {
    const { fake, folder, run, storeToken } = await createPlace();
    await storeToken(-1_000, 3_600_000);
    await writeFile(join(folder, '.env'), `TT_BASE_URL=${fake.url}`);
    expect((await run(['--verify'], { env: noUrl })).code).toBe(0);
  });
});

describe('quotes that an env file of Docker keeps', () => {
  it.each(['"', "'"])('are named when TT refuses the credentials: %s', async (quote) => {
    const { fake, run } = await createPlace();
    const env = { TT_API_SECRET: `${quote}${fake.apiSecret}${quote}` };
    const { code, stderr } = await run([], { env });
    expect(code).toBe(1);
    expect(stderr).toContain('; remove the quotes around TT_API_SECRET');
  });

  it('are not looked for otherwise', async () => {
    const { fake, run } = await createPlace();
    fake.failNextTokenRequests({ status: 401 });
    expect((await run([])).stderr).not.toContain('quotes');
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
    const { fake, start, readStored } = await createPlace();
    const env = { TT_BASE_URL: 'https://tt.invalid', TT_TOKEN_FILE: 'other.json' };
    const args = ['--base-url', fake.url, '--token-file', 'token.json'];
    expect((await start(args, { env })).code).toBe(0);
    expect((await readStored()).token?.accessToken).toBe(fake.tokenRequests[0]?.accessToken);
  });
});
