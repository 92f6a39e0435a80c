import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rename, symlink } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  hasGnomeKeyring,
  startGnomeKeyring,
  type KeyringSession,
} from '../helpers/gnome-keyring.js';
import { commandFile, createPlace, parseJson, type Place } from './command.js';

const loginCommand = `'${process.execPath}' '${commandFile}' login`;
/** Neither key nor secret is set. */
const unset = { TT_API_KEY: undefined, TT_API_SECRET: undefined };
const alternatives = {
  store: 'use --store file, with TT_TOKEN_FILE_KEY if it is to be encrypted',
  login: 'set TT_API_KEY and TT_API_SECRET, as environment variables or in an env file',
};

/** Gives a text to the command on its standard input. */
function typing(text: string) {
  return {
    stdio: ['pipe', 'pipe', 'pipe'] as ['pipe', 'pipe', 'pipe'],
    onStart: (child: { stdin: NodeJS.WritableStream | null }) => void child.stdin?.end(text),
  };
}

describe.skipIf(!hasGnomeKeyring())('tt-token with a system keyring', () => {
  let session: KeyringSession;
  let env: Record<string, string | undefined>;

  beforeAll(async () => {
    session = await startGnomeKeyring();
    env = { ...unset, ...session.variables };
  });
  afterAll(() => session.end());

  const login = ({ fake, start: run }: Place, args: readonly string[] = []) =>
    run(['login', ...args], { env, ...typing(`${fake.apiKey}:${fake.apiSecret}\n`) });

  it.each([
    ['<key>:<secret>', (key: string, secret: string) => `${key}:${secret}`],
    ['<key>:<secret> and a line end', (key: string, secret: string) => `${key}:${secret}\r\n`],
    ['a line each', (key: string, secret: string) => `${key}\n${secret}\n`],
    ['a line each, the key twice', (key: string, secret: string) => `${key}\n${key}:${secret}\n`],
  ])('login takes %s, and the command finds them', async (_, input) => {
    const place = await createPlace();
    const { fake, start: run } = place;
    const stdin = typing(input(fake.apiKey, fake.apiSecret));
    expect(await run(['login'], { env, ...stdin })).toEqual({
      code: 0,
      stdout: 'app key and secret for UAT are in the system keyring\n',
      stderr: '',
    });
    expect(await run([], { env })).toMatchObject({ code: 0, stderr: '' });
    expect(await run(['--verify'], { env })).toMatchObject({ code: 0, stderr: '' });
    expect(fake.tokenRequests).toHaveLength(1);
    expect(await run(['logout'], { env })).toEqual({
      code: 0,
      stdout: 'removed for UAT: app key and secret and the token\n',
      stderr: '',
    });
    expect(await readdir(place.folder)).not.toContain('token.json');
    expect(await run([], { env })).toMatchObject({ code: 2, stdout: '' });
    expect(fake.tokenRequests).toHaveLength(1);
  });

  it('--store keyring keeps the token there, and in no file', async () => {
    const place = await createPlace();
    const { fake, folder, start: run } = place;
    await login(place);
    const store = ['--store', 'keyring'];
    expect(await run(store, { env })).toMatchObject({ code: 0, stderr: '' });
    expect(await run(['--verify', ...store], { env })).toMatchObject({ code: 0, stderr: '' });
    expect(await run(['--verify'], { env })).toMatchObject({ code: 3 });
    const shown = parseJson(await run([...store, '--show', '--output', 'json'], { env }));
    expect(shown.token).toBe(fake.tokenRequests[0]?.accessToken);
    expect(await run([...store, '--force-refresh'], { env })).toMatchObject({ code: 0 });
    expect(fake.tokenRequests).toHaveLength(2);
    expect(await readdir(folder)).toEqual([]);
    expect((await run(['logout'], { env })).stdout).toBe(
      'removed for UAT: app key and secret and the token\n',
    );
    const again = { ...env, TT_API_KEY: fake.apiKey };
    expect(await run(['--verify', ...store], { env: again })).toMatchObject({ code: 3 });
  });

  it('keeps the credentials of each environment apart', async () => {
    const place = await createPlace();
    const { fake, start: run } = place;
    await login(place, ['--environment', 'SIM']);
    expect((await run([], { env })).code).toBe(2);
    expect((await run(['--environment', 'sim'], { env })).code).toBe(0);
    expect(fake.tokenRequests[0]?.path).toBe('/ttid/ext_prod_sim/token');
    expect((await run(['logout'], { env })).stdout).toBe('nothing was stored for UAT\n');
    const out = await run(['logout', '--environment', 'SIM', '--output', 'json'], { env });
    expect(parseJson(out)).toEqual({ success: true, environment: 'SIM' });
  });

  it('variables come before the keyring, and another key gets no secret', async () => {
    const place = await createPlace();
    const { fake, start: run } = place;
    const own = { ...env, TT_API_KEY: fake.apiKey, TT_API_SECRET: fake.apiSecret };
    await run(['login'], { env, ...typing('other-key:other-secret') });
    expect((await run([], { env: own })).code).toBe(0);
    const { code, stderr } = await run([], { env: { ...own, TT_API_SECRET: undefined } });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^tt-token: TT_API_SECRET must be set, .*tt-token login; see .*\n$/);
    await run(['logout'], { env });
  });

  it.each([
    ['nothing', ''],
    ['a key alone', 'a-key\n'],
    ['an empty secret', 'a-key:\n'],
    ['a secret with a space', 'a-key:a secret to be hidden\n'],
  ])('login refuses %s in one line', async (_, input) => {
    const { start: run } = await createPlace();
    const { code, stdout, stderr } = await run(['login'], { env, ...typing(input) });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^tt-token: the (app key|secret) must [^\n]+\n$/);
    expect(stderr).not.toContain('hidden');
    expect((await run(['logout'], { env })).stdout).toBe('nothing was stored for UAT\n');
  });

  const hasScript = spawnSync('script', ['--version']).status === 0;

  /** Runs commands of a shell on a terminal; what is typed depends on what is seen. */
  async function onTerminal(
    folder: string,
    commands: string,
    answers: Readonly<Record<string, string>>,
  ): Promise<string> {
    const child = spawn('script', ['-qec', commands, '/dev/null'], {
      cwd: folder,
      env: { PATH: process.env.PATH, ...session.variables },
    });
    let seen = '';
    child.stdout.on('data', (chunk: Buffer) => {
      const before = seen;
      seen += chunk.toString();
      for (const [question, answer] of Object.entries(answers)) {
        if (seen.includes(question) && !before.includes(question)) child.stdin.write(answer);
      }
    });
    await once(child, 'close');
    return seen.replaceAll('\r', '');
  }

  it.skipIf(!hasScript)('login asks on a terminal and shows nothing of the answers', async () => {
    const place = await createPlace();
    const { fake, folder, start: run } = place;
    const seen = await onTerminal(folder, loginCommand, {
      '<app key>:<secret>: ': `${fake.apiKey}\r`,
      '\nsecret: ': `wrong\x15${fake.apiSecret}\r`,
    });
    expect(seen).toBe(
      'app key, or <app key>:<secret>: \nsecret: \napp key and secret for UAT are in the system keyring\n',
    );
    expect((await run([], { env })).code).toBe(0);
    await run(['logout'], { env });
  });

  it.skipIf(!hasScript).each([
    ['Ctrl-C', 'half a secret\x03'],
    ['Ctrl-D', '\x04'],
  ])('login is given up with %s, and the terminal is as before', async (_, keys) => {
    const { folder, start: run } = await createPlace();
    const settings = 'stty -a | tr -d "\\n"; echo';
    const commands = `${settings}; ${loginCommand}; echo "code $?"; ${settings}`;
    const seen = await onTerminal(folder, commands, {
      '<app key>:<secret>: ': keys,
    });
    const [before, ...rest] = seen.trimEnd().split('\n');
    expect(before).toContain(' echo ');
    expect(rest).toEqual([
      'app key, or <app key>:<secret>: ',
      'tt-token: nothing was stored: the input ended',
      'code 1',
      before,
    ]);
    expect((await run(['logout'], { env })).stdout).toBe('nothing was stored for UAT\n');
  });

  it('logout removes the token file behind a link, and no file of another key', async () => {
    const place = await createPlace();
    const { fake, start: run, tokenFile, storeToken } = place;
    await run(['login'], { env, ...typing('other-key:other-secret') });
    await storeToken(0, 60_000);
    await rename(tokenFile, `${tokenFile}.real`);
    await symlink(`${tokenFile}.real`, tokenFile);
    expect((await run(['logout'], { env })).stdout).toBe('removed for UAT: app key and secret\n');
    const own = { ...env, TT_API_KEY: fake.apiKey };
    expect((await run(['--verify'], { env: own })).code).toBe(0);
    expect((await run(['logout'], { env: own })).stdout).toBe('removed for UAT: the token\n');
    expect(await readdir(place.folder)).toEqual(['token.json']);
    expect((await run(['--verify'], { env: own })).code).toBe(3);
  });

  it('logout leaves a token file that it cannot read, and says so', async () => {
    const place = await createPlace();
    const { start: run, tokenFile } = place;
    await login(place);
    const TT_TOKEN_FILE_KEY = 'ab'.repeat(32);
    await run([], { env: { ...env, TT_TOKEN_FILE_KEY } });
    const { code, stderr } = await run(['logout'], { env });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^tt-token: warning: the token file is left as it is: .*encrypted.*\n$/);
    expect(await readFile(tokenFile, 'utf8')).toMatch(/^tt-sealed-1:/);
  });
});

describe('tt-token without a system keyring', () => {
  const isLinux = process.platform === 'linux';

  it.runIf(isLinux).each([
    ['--store keyring', ['--store', 'keyring'], alternatives.store],
    ['--verify --store keyring', ['--verify', '--store', 'keyring'], alternatives.store],
    ['login', ['login'], alternatives.login],
    [
      'logout',
      ['logout'],
      'unset TT_API_KEY and TT_API_SECRET, and delete the token file, by hand',
    ],
  ])('%s exits with 2 and names the alternative, in one line', async (_, args, alternative) => {
    const { fake, start: run } = await createPlace();
    const reason = 'the system keyring cannot be used (there is no D-Bus session)';
    expect(await run(args)).toEqual({
      code: 2,
      stdout: '',
      stderr: `tt-token: ${reason}: ${alternative}\n`,
    });
    const json = parseJson(await run([...args, '--output', 'json']));
    expect(json).toEqual({
      success: false,
      error: `${reason}: ${alternative}`,
      code: 'INVALID_CONFIGURATION',
    });
    expect(fake.tokenRequests).toHaveLength(0);
  });

  it.runIf(isLinux)('names what is missing, and why the keyring does not give it', async () => {
    const { folder, start: run } = await createPlace();
    const bus = { DBUS_SESSION_BUS_ADDRESS: `unix:path=${folder}/none` };
    const { code, stderr } = await run([], { env: { ...unset, ...bus } });
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^tt-token: warning: the system keyring gives no key and no secret \(.*D-?Bus.*\)\ntt-token: TT_API_KEY, TT_API_SECRET must be set, .*\n$/,
    );
  });

  it('names what is missing, and login', async () => {
    const { start: run } = await createPlace();
    expect((await run([], { env: unset })).stderr).toBe(
      'tt-token: TT_API_KEY, TT_API_SECRET must be set, as environment variables or in an env file, ' +
        'key and secret with tt-token login; see tt-token --help\n',
    );
  });

  it.each([
    [['--store', 'vault'], '--store must be file or keyring'],
    [
      ['--store', 'keyring', '--token-file', 'a'],
      '--store keyring keeps the token in no file: drop --token-file',
    ],
    [['login', '--verify'], 'login does not go with --verify'],
    [['login', 'logout'], 'logout must be the first word; see tt-token --help'],
  ])('refuses %j as wrong usage', async (args, message) => {
    const { start: run } = await createPlace();
    expect(await run(args)).toEqual({ code: 2, stdout: '', stderr: `tt-token: ${message}\n` });
  });
});
