import { execFile, spawnSync } from 'node:child_process';
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { commandFile, createPlace, type Place } from './command.js';

const hourMs = 3_600_000;
const recipes = fileURLToPath(new URL('../../examples/command/', import.meta.url));

/** Runs a script with a real sh, in a folder where npx finds the command. */
async function sh(
  place: Place,
  args: readonly string[],
  env: Record<string, string> = {},
  client = 'sh',
) {
  const bin = join(place.folder, 'node_modules', '.bin');
  await mkdir(bin, { recursive: true });
  await chmod(commandFile, 0o755);
  await symlink(commandFile, join(bin, 'tt-token')).catch(() => undefined);
  const variables = {
    TT_API_KEY: place.fake.apiKey,
    TT_API_SECRET: place.fake.apiSecret,
    TT_APP_NAME: 'My App',
    TT_COMPANY_NAME: 'My Company',
    TT_BASE_URL: place.fake.url,
    TT_TOKEN_FILE: place.tokenFile,
    ...env,
  };
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    const child = execFile(
      client,
      args,
      { cwd: place.folder, env: { PATH: process.env.PATH, HOME: place.folder, ...variables } },
      (_error, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
    );
  });
}

describe('examples/command', () => {
  it('curl.sh calls the API with the token', async () => {
    const place = await createPlace();
    const { code, stdout, stderr } = await sh(place, [
      join(recipes, 'curl.sh'),
      'ttpds/ext_uat_cert/markets',
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual(expect.anything());
    expect(place.fake.requests).toMatchObject([{ status: 200 }]);
    const refused = await sh(place, [join(recipes, 'curl.sh'), 'x'], {
      TT_API_SECRET: 'wrong',
      TT_TOKEN_FILE: `${place.tokenFile}-2`,
    });
    expect(refused).toMatchObject({ code: 1, stdout: '' });
  });

  it.each([
    ['sh', 'curl.sh', (path: string) => `for i in 1 2 3 4 5; do sh "$0" ${path} && echo; done`],
    ['python3', 'client.py', undefined],
  ])(
    '%s: a token that is revoked fails no call and costs one token request',
    async (client, file, loop) => {
      if (spawnSync(client, ['--version']).error) return;
      const place = await createPlace();
      const path = 'ttpds/ext_uat_cert/markets';
      const script = join(recipes, file);
      const args = loop ? ['-c', loop(path), script] : [script, ...Array<string>(5).fill(path)];
      await place.run([]);
      place.fake.revokeAll();
      const { stdout, stderr } = await sh(place, args, {}, client);
      expect(stderr).toBe('');
      const answers = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown);
      expect(answers).toHaveLength(5);
      expect(place.fake.requests.map(({ status }) => status)).toEqual([
        401, 200, 200, 200, 200, 200,
      ]);
      expect(place.fake.tokenRequests).toHaveLength(2);
    },
  );

  it('check_tt_token.sh exits as Nagios expects', async () => {
    const place = await createPlace();
    const check = join(recipes, 'check_tt_token.sh');
    expect(await sh(place, [check])).toMatchObject({ code: 2, stderr: '' });
    await place.storeToken(-hourMs, hourMs);
    const ok = await sh(place, [check]);
    expect(ok).toMatchObject({ code: 0, stderr: '' });
    expect(ok.stdout).toMatch(/^OK - valid, until .*\n$/);
    expect((await sh(place, [check, '7200', '60'])).stdout).toMatch(/^WARNING - /);
    expect(await sh(place, [check, '7200', '60'])).toMatchObject({ code: 1 });
    expect(await sh(place, [check, '9000', '7200'])).toMatchObject({ code: 2 });
    expect(await sh(place, [check], { TT_API_KEY: '' })).toMatchObject({ code: 3 });
  });

  it('cron.example gets a token, and prints only where one is missing', async () => {
    const place = await createPlace();
    const lines = (await readFile(join(recipes, 'cron.example'), 'utf8')).match(/cd .*/g) ?? [];
    const [get = '', verify = ''] = lines.map((line) => line.replace('cd /srv/my-app && ', ''));
    await writeFile(join(place.folder, 'tt.env'), '');
    const missing = await sh(place, ['-c', verify]);
    expect(missing).toMatchObject({ code: 3, stdout: '' });
    expect(missing.stderr).toMatch(/^tt-token: not valid: no token is stored .*\n$/);
    expect(await sh(place, ['-c', get])).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await sh(place, ['-c', verify])).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(place.fake.tokenRequests).toHaveLength(1);
  });
});
