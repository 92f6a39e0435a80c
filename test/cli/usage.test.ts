import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createPlace, parseJson } from './command.js';

describe('tt-token --help', () => {
  it.each(['--help', '-h'])('explains options, variables and exit codes, given %s', async (arg) => {
    const { run } = await createPlace();
    const { code, stdout, stderr } = await run([arg], { env: { TT_API_KEY: undefined } });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const options =
      '--force-refresh --verify --online --min-seconds --show --write --store --output --dotenv --environment --token-file --base-url --help --version';
    const variables =
      'TT_API_KEY TT_API_SECRET TT_APP_NAME TT_COMPANY_NAME TT_ENVIRONMENT TT_BASE_URL TT_TOKEN_FILE TT_TOKEN_FILE_KEY TT_API_SECRET_FILE TT_TOKEN_FILE_KEY_FILE';
    for (const word of `${options} ${variables}`.split(' ')) expect(stdout).toContain(word);
    for (const exitCode of [0, 1, 2, 3])
      expect(stdout).toMatch(new RegExp(`^  ${exitCode}  `, 'm'));
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('survives a reader that has left', async () => {
    const { start } = await createPlace();
    const finished = await start(['--help'], { onStart: (child) => child.stdout?.destroy() });
    expect(finished).toMatchObject({ code: 0, stderr: '' });
  });

  it.runIf(process.platform === 'linux')('says when the result cannot be written', async () => {
    const { start } = await createPlace();
    const full = openSync('/dev/full', 'w');
    onTestFinished(() => closeSync(full));
    const { code, stderr } = await start(['--help'], { stdio: ['ignore', full, 'pipe'] });
    expect(code).toBe(1);
    expect(stderr).toBe('tt-token: the result cannot be written (ENOSPC)\n');
  });
});

describe('tt-token --version', () => {
  it('prints the version of the package', async () => {
    const { start } = await createPlace();
    const manifest = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
    const { version } = JSON.parse(manifest) as { version: string };
    expect(await start(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });
});

describe('wrong arguments', () => {
  it.each([
    [['--force'], 'unknown option --force'],
    [['-x'], 'unknown option'],
    [['surplus'], 'the command takes options only'],
    [['--', 'surplus'], 'the command takes options only'],
    [['--output', 'yaml'], '--output must be json or text or token'],
    [['--output'], '--output needs a value'],
    [['--output', '--show'], '--output needs a value'],
    [['--token-file='], '--token-file must not be empty'],
    [['--environment', ' '], '--environment must not be empty'],
    [['--dotenv', '\t'], '--dotenv must not be empty'],
    [['--show=yes'], '--show takes no value'],
    [['-h=1'], 'unknown option'],
    [['--verify', '--force-refresh'], '--force-refresh fetches a new token'],
    [['--min-seconds', '60'], '--min-seconds goes with --verify only'],
    [['--verify', '--min-seconds', '1.5'], '--min-seconds must be a whole number'],
    [['--verify', '--min-seconds=-1'], '--min-seconds must be a whole number'],
    [['--verify', '--min-seconds'], '--min-seconds needs a value'],
    [['--write', 'a'], '--write goes with keep only'],
    [['keep', '--show'], 'keep does not go with --show'],
    [['keep', '--output', 'token'], 'keep does not go with --output token'],
    [['login', '--output', 'token'], 'login does not go with --output token'],
    [['--online', '--force-refresh'], '--force-refresh fetches a new token'],
  ])('exit with 2 and one line, given %j', async (args, message) => {
    const { fake, run } = await createPlace();
    const { code, stdout, stderr } = await run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.startsWith(`tt-token: ${message}`)).toBe(true);
    expect(stderr.split('\n')).toHaveLength(2);
    expect(fake.tokenRequests).toHaveLength(0);
  });

  it.each([
    [['--output', 'json', '--nonsense']],
    [['--nonsense', '--output=json']],
    [['surplus', '--output', 'json']],
    [['--output', 'json', '--verify', '--force-refresh']],
  ])('give one JSON object where it is wanted, given %j', async (args) => {
    const { run } = await createPlace();
    const finished = await run(args);
    expect(finished).toMatchObject({ code: 2, stderr: '' });
    expect(parseJson(finished)).toMatchObject({ success: false, code: 'INVALID_CONFIGURATION' });
  });

  it('leave the last of an option given twice', async () => {
    const { run } = await createPlace();
    const text = await run(['--output', 'json', '--output=text']);
    expect(text.stdout).toMatch(/^token valid/);
    parseJson(await run(['--output', 'text', '--output', 'json']));
    const wrong = await run(['--output=json', '--nonsense', '--output', 'text']);
    expect(wrong).toMatchObject({ code: 2, stdout: '' });
  });

  it('are not repeated: each may be a secret', async () => {
    const { fake, run } = await createPlace();
    const { apiKey, apiSecret } = fake;
    const attempts = [
      [apiSecret],
      [`--${apiSecret}`],
      [`-${apiSecret}`],
      [`--api-secret=${apiSecret}`],
      ['--api-secret', apiSecret],
      [`--show=${apiSecret}`],
      ['--output', apiSecret],
      ['--environment', apiSecret],
      ['--base-url', apiSecret],
      ['--base-url', `https://${apiKey}:${apiSecret}@tt.example`],
      [`${apiKey}:${apiSecret}`, '--output', 'json'],
    ];
    for (const args of attempts) expect((await run(args)).code).toBe(2);
    expect((await run(['--dotenv', apiSecret])).code).toBe(2);
  });
});
