import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createPlace } from './command.js';
import { examine, found } from './doctor.js';

const noSecret = { TT_API_SECRET: undefined };

describe('TT_API_SECRET_FILE and TT_TOKEN_FILE_KEY_FILE', () => {
  it('give what they name, and the stored token is encrypted', async () => {
    const { fake, folder, run, tokenFile } = await createPlace();
    await writeFile(join(folder, 'secret'), `${fake.apiKey}:${fake.apiSecret}\n`);
    await writeFile(join(folder, 'key.txt'), randomBytes(32).toString('base64'));
    const env = {
      ...noSecret,
      TT_API_SECRET_FILE: join(folder, 'secret'),
      TT_TOKEN_FILE_KEY_FILE: join(folder, 'key.txt'),
    };
    expect(await run([], { env })).toMatchObject({ code: 0, stderr: '' });
    expect(await run(['--verify'], { env })).toMatchObject({ code: 0, stderr: '' });
    expect(await run(['--force-refresh'], { env })).toMatchObject({ code: 0, stderr: '' });
    expect(await readFile(tokenFile, 'utf8')).not.toContain('accessToken');
    const { problems, find } = await examine({ run }, env);
    expect(problems).toEqual([]);
    expect(find('TT_API_SECRET_FILE')?.message).toContain('from the environment');
  });

  it.each([
    ['absent.txt', undefined, 'does not exist (ENOENT)'],
    ['empty.txt', '\n', 'is empty'],
    ['odd.txt', 'two words', 'holds must hold printable ASCII'],
  ])('are wrong usage where the file is %s, which doctor finds too', async (name, text, said) => {
    const { fake, folder, run } = await createPlace();
    const path = join(folder, name);
    if (text !== undefined) await writeFile(path, text);
    const env = { ...noSecret, TT_API_SECRET_FILE: path };
    const { code, stdout, stderr } = await run([], { env });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('TT_API_SECRET_FILE');
    expect(stderr).toContain(said);
    expect(stderr).toContain(path);
    // It is not needed here.
    expect((await run(['--verify'], { env })).code).toBe(3);
    const { problems } = await examine({ run }, env, '--online');
    expect(problems).toContainEqual(found('TT_API_SECRET_FILE', 'wrong', 'TT_API_SECRET_FILE'));
    expect(fake.tokenRequests).toEqual([]);
  });

  it('do not go together with the variable itself, but beat that of the env file', async () => {
    const place = await createPlace();
    const { fake, folder, run } = place;
    const path = join(folder, 'secret');
    await writeFile(path, fake.apiSecret);
    const both = { TT_API_SECRET_FILE: path };
    const { code, stderr } = await run([], { env: both });
    expect(code).toBe(2);
    expect(stderr).toContain('TT_API_SECRET and TT_API_SECRET_FILE are both set');
    const { problems } = await examine(place, both);
    expect(problems).toContainEqual(found('TT_API_SECRET_FILE', 'wrong', 'are both set', 'unset'));
    await writeFile(join(folder, '.env'), 'TT_API_SECRET=of-the-file\n');
    expect((await run([], { env: { ...noSecret, ...both } })).code).toBe(0);
  });

  it('of an implicit .env with a base URL send no secret there', async () => {
    const { fake, folder, run } = await createPlace();
    const path = join(folder, 'secret');
    await writeFile(path, fake.apiSecret);
    const env = { ...noSecret, TT_BASE_URL: undefined };
    const lines = `TT_BASE_URL=${fake.url}\nTT_API_SECRET_FILE=${path}\n`;
    await writeFile(join(folder, '.env'), lines);
    for (const args of [[], ['--force-refresh']]) {
      const { code, stderr } = await run(args, { env });
      expect(code).toBe(2);
      expect(stderr).toContain('TT_API_SECRET does not come from it');
    }
    expect(fake.tokenRequests).toEqual([]);
    expect((await run(['--dotenv', join(folder, '.env')], { env })).code).toBe(0);
  });
});

describe('the command on Windows', () => {
  const here = process.platform;
  const pretend = (platform: string) => {
    Object.defineProperty(process, 'platform', { value: platform });
  };
  afterEach(() => pretend(here));

  it('reads variables in any case of letters, of the env file too', async () => {
    const place = await createPlace();
    const { fake, folder, run } = place;
    await writeFile(join(folder, '.env'), `tt_api_key=${fake.apiKey}\nTt_App_Name=Mine\n`);
    const env = { TT_API_KEY: undefined, TT_APP_NAME: undefined, tt_environment: 'SIM' };
    pretend('win32');
    expect(await run(['--force-refresh'], { env })).toMatchObject({ code: 0, stderr: '' });
    expect(fake.tokenRequests[0]).toMatchObject({ path: '/ttid/ext_prod_sim/token' });
    expect(fake.tokenRequests[0]?.requestId).toMatch(/^Mine-/);
    expect((await examine(place, env)).find('TT_ENVIRONMENT')?.message).toMatch(/^TT_ENV.* is SIM/);
  });

  it('says that access rights are not checked', async () => {
    const place = await createPlace();
    await place.storeToken(0, 3_600_000);
    pretend('win32');
    const { problems, find } = await examine(place);
    expect(problems).toEqual([]);
    expect(find('token file')?.message).toContain('access rights (ACLs) are not checked');
  });
});
