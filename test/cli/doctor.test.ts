import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandFile, createPlace } from './command.js';
import { examine, found } from './doctor.js';

describe('tt-token doctor', () => {
  it('finds nothing wrong, writes nothing and asks for no token', async () => {
    const { fake, folder, run } = await createPlace();
    const { code, stdout, stderr } = await run(['doctor']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^ok {7}TT_API_KEY is from the environment$/m);
    expect(stdout).toMatch(/^ok {7}clock: /m);
    expect(stdout).not.toContain('wrong');
    expect(await readdir(folder)).toEqual([]);
    expect(fake.tokenRequests).toEqual([]);
    for (const { headers } of fake.requests) expect(headers).not.toHaveProperty('x-api-key');
  });

  it('prints what to do below each finding, and exits with 1', async () => {
    const { run } = await createPlace();
    const { code, stdout } = await run(['doctor'], { env: { TT_APP_NAME: undefined } });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^wrong {4}TT_APP_NAME is not set\n {9}set it as an environment/m);
  });

  it.each([['--force-refresh'], ['--verify'], ['--show']])('goes not with %s', async (option) => {
    const { run } = await createPlace();
    const finished = await run(['doctor', option]);
    expect(finished).toMatchObject({ code: 2, stdout: '' });
    expect(finished.stderr).toBe(`tt-token: doctor does not go with ${option}\n`);
  });

  it('is wrong usage with an env file that is not there', async () => {
    const { run } = await createPlace();
    expect((await run(['doctor', '--dotenv', 'absent'])).code).toBe(2);
  });

  it('works as it is built', async () => {
    const { start } = await createPlace();
    const well = await start(['doctor', '--online']);
    expect(well).toMatchObject({ code: 0, stderr: '' });
    const ill = await start(['doctor', '--output', 'json'], { env: { TT_API_SECRET: '' } });
    expect(ill).toMatchObject({ code: 1, stderr: '' });
    expect(commandFile).toMatch(/dist/);
  });
});

describe('the variables', () => {
  it('are named where they are missing', async () => {
    const { problems } = await examine(await createPlace(), {
      TT_API_KEY: ' ',
      TT_COMPANY_NAME: undefined,
    });
    expect(problems).toContainEqual(found('TT_API_KEY', 'wrong', 'is not set', 'tt-token login'));
    expect(problems).toContainEqual(found('TT_COMPANY_NAME', 'wrong', 'is not set', '.env'));
    const unchecked = problems.filter(({ name }) => name === 'not checked');
    expect(unchecked).toEqual([
      found(
        'not checked',
        'warning',
        'token file, file system, lock, token',
        'mend TT_API_KEY first',
      ),
    ]);
  });

  it('come with where they are from, and what else sets them', async () => {
    const place = await createPlace();
    const env = { TT_COMPANY_NAME: undefined };
    await writeFile(join(place.folder, '.env'), 'TT_APP_NAME=Other\nTT_COMPANY_NAME=Firm\n');
    const { find } = await examine(place, env, '--environment', 'uat');
    expect(find('TT_ENVIRONMENT')?.message).toBe('TT_ENVIRONMENT is uat, from the command line');
    expect(find('TT_COMPANY_NAME')?.message).toBe(`TT_COMPANY_NAME is from ${place.folder}/.env`);
    expect(find('TT_APP_NAME')?.message).toBe(
      `TT_APP_NAME is from the environment; ${place.folder}/.env sets another value, which is not used`,
    );
    await writeFile(join(place.folder, 'own.env'), 'TT_COMPANY_NAME=Own\n');
    const named = await examine(place, env, '--dotenv', 'own.env');
    expect(named.find('TT_COMPANY_NAME')?.message).toBe(
      `TT_COMPANY_NAME is from ${place.folder}/own.env`,
    );
  });

  it.each([
    ['in the .env of a folder above', 'inner', []],
    ['in the .env beside --dotenv', '.', ['--dotenv', 'own.env']],
  ])('are found misplaced: %s', async (_, inner, args) => {
    const place = await createPlace();
    await writeFile(join(place.folder, '.env'), 'TT_APP_NAME=App\n');
    const cwd = join(place.folder, inner);
    await mkdir(cwd, { recursive: true });
    await writeFile(join(cwd, 'own.env'), '');
    const moved = { run: place.runIn(cwd) };
    const { problems } = await examine(moved, { TT_APP_NAME: undefined }, ...args);
    const advice = `it stands in ${place.folder}/.env, which is not read here`;
    expect(problems).toContainEqual(found('TT_APP_NAME', 'wrong', 'is not set', advice));
  });

  it.each([
    ['TT_ENVIROMENT', 'TT_ENVIRONMENT'],
    ['TT_BASEURL', 'TT_BASE_URL'],
    ['tt_token_file_key', 'TT_TOKEN_FILE_KEY'],
    ['TT_ENV', 'TT_ENVIRONMENT'],
    ['TT_SECRET', 'TT_API_SECRET'],
    ['TT_API_SECRETFILE', 'TT_API_SECRET_FILE'],
    ['TT_COLOUR', 'tt-token --help'],
  ])('are found misspelt: %s', async (name, meant) => {
    const { problems } = await examine(await createPlace(), {
      [name]: 'x',
      TT_BASE_URL: undefined,
    });
    expect(problems).toContainEqual(found(name, 'warning', 'nothing reads it', meant));
  });

  it.each([
    ['TT_API_KEY', (key: string) => `${key}:more`, 'colon', 'before the colon'],
    [
      'TT_API_SECRET',
      (_: string, secret: string) => `another-key-0:${secret}`,
      'another app key',
      '',
    ],
    ['TT_API_SECRET', (_: string, secret: string) => `"${secret}"`, 'in quotes', 'docker'],
    ['TT_API_SECRET', (_: string, secret: string) => `${secret}'`, 'in quotes', 'remove'],
    ['TT_API_SECRET', (_: string, secret: string) => `${secret}\\n`, 'line end', 'paste'],
    ['TT_API_SECRET', (key: string, secret: string) => `${key}:\n${secret}`, 'line end', 'paste'],
    ['TT_API_SECRET', (key: string, secret: string) => `${key} ${secret}`, 'white space', 'paste'],
    ['TT_API_SECRET', (key: string) => key, 'is the app key', 'paste'],
    ['TT_API_SECRET', (key: string) => `${key}:`, 'is the app key', 'paste'],
    ['TT_API_SECRET', (_: string, secret: string) => `${secret}\u200b`, 'printable ASCII', ''],
    ['TT_ENVIRONMENT', () => 'PROD', 'must be UAT, SIM or LIVE', ''],
    ['TT_ENVIRONMENT', () => "'LIVE'", 'in quotes', ''],
    ['TT_BASE_URL', () => 'tt.example', 'must be an absolute https: URL', ''],
    ['TT_BASE_URL', () => 'https://APIGateway.trade.tt', 'former host', 'ttrestapi.trade.tt'],
    ['TT_BASE_URL', () => 'https://ttrestapi.trade.tt/TTID/', 'has a path', 'ttrestapi.trade.tt'],
    ['TT_BASE_URL', () => 'https://gate.example/ttpds/ext_uat_cert', 'has a path', 'leave'],
    ['TT_TOKEN_FILE_KEY', () => 'short', 'must be 32 bytes', ''],
    ['TT_COMPANY_NAME', () => '@@@', 'must', ''],
  ])('are wrong: %s %s', async (name, wrongOne, message, advice) => {
    const place = await createPlace();
    const { apiKey, apiSecret } = place.fake;
    const value = wrongOne(apiKey, apiSecret);
    const { problems } = await examine(place, { [name]: value }, '--online');
    expect(problems).toContainEqual(found(name, 'wrong', message, advice));
    expect(problems).toContainEqual(found('not checked', 'warning', 'token request', name));
    expect(place.fake.tokenRequests).toEqual([]);
  });

  it('may have white space around them, which other programs may send', async () => {
    const place = await createPlace();
    const { problems } = await examine(place, { TT_API_SECRET: `${place.fake.apiSecret}\r\n` });
    expect(problems).toEqual([found('TT_API_SECRET', 'warning', 'line end', 'remove it')]);
  });

  it('are not sent where a .env that is not theirs says', async () => {
    const place = await createPlace();
    await writeFile(join(place.folder, '.env'), `TT_BASE_URL=${place.fake.url}`);
    const { problems } = await examine(place, { TT_BASE_URL: undefined }, '--online');
    expect(problems).toContainEqual(found('TT_BASE_URL', 'wrong', 'not taken', '--dotenv .env'));
    expect(place.fake.requests).toEqual([]);
  });

  it('may stand in .env as in YAML, which counts for nothing', async () => {
    const place = await createPlace();
    const path = join(place.folder, '.env');
    await writeFile(path, 'TT_ENVIRONMENT=UAT\n  TT_APP_NAME: App\nTT_COMPANY_NAME : Firm\n');
    const said = `${path} sets TT_APP_NAME, TT_COMPANY_NAME with a colon`;
    expect((await examine(place)).problems).toEqual([found('env file', 'warning', said, 'NAME=')]);
    const { problems } = await examine(place, { TT_APP_NAME: undefined });
    expect(problems).toContainEqual(found('env file', 'wrong', said, 'NAME='));
  });

  it('may be in a .env that cannot be read', async () => {
    const place = await createPlace();
    await writeFile(join(place.folder, '.env'), Buffer.from('TT_APP_NAME=App', 'utf16le'));
    const { problems } = await examine(place);
    expect(problems).toEqual([found('env file', 'warning', 'UTF-16')]);
    const missing = await examine(place, { TT_APP_NAME: undefined });
    expect(missing.problems).toContainEqual(found('env file', 'wrong', 'UTF-16'));
  });
});
