import { randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createPlace, parseJson } from './command.js';

const key = randomBytes(32);
const env = { TT_TOKEN_FILE_KEY: key.toString('base64') };

describe('tt-token with TT_TOKEN_FILE_KEY', () => {
  it('keeps the token encrypted, finds it again, and verifies it', async () => {
    const { fake, folder, tokenFile, run } = await createPlace();
    expect(await run([], { env })).toMatchObject({ code: 0, stderr: '' });
    const token = fake.tokenRequests[0]?.accessToken ?? '';
    expect(await readFile(tokenFile, 'utf8')).toMatch(/^tt-sealed-1:[\w-]+$/);
    const hex = { TT_TOKEN_FILE_KEY: key.toString('hex') };
    expect(await run(['--show'], { env: hex })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(token) as string,
      stderr: '',
    });
    expect(await run(['--verify'], { env })).toMatchObject({ code: 0, stderr: '' });
    expect(fake.tokenRequests).toHaveLength(1);
    expect(await readdir(folder)).toEqual(['token.json']);
  });

  it('replaces the token when forced', async () => {
    const { fake, run } = await createPlace();
    await run([], { env });
    expect(await run(['--force-refresh'], { env })).toMatchObject({ code: 0, stderr: '' });
    const shown = parseJson(await run(['--show', '--output', 'json'], { env }));
    expect(shown.token).toBe(fake.tokenRequests[1]?.accessToken);
    expect(fake.tokenRequests).toHaveLength(2);
  });

  it('takes the key from the env file', async () => {
    const { folder, tokenFile, run } = await createPlace();
    await writeFile(join(folder, '.env'), `TT_TOKEN_FILE_KEY=${env.TT_TOKEN_FILE_KEY}`);
    expect(await run([])).toMatchObject({ code: 0, stderr: '' });
    expect(await readFile(tokenFile, 'utf8')).toMatch(/^tt-sealed-1:/);
  });

  it.each([
    ['another key', { TT_TOKEN_FILE_KEY: randomBytes(32).toString('hex') }, 'with another key'],
    ['no key', {}, 'is encrypted, and no key for it is given'],
  ])('has no token for %s: not valid, and then replaced', async (_, other, reason) => {
    const { fake, run } = await createPlace();
    await run([], { env });
    const verified = await run(['--verify'], { env: other });
    expect(verified.code).toBe(3);
    expect(verified.stdout).toMatch(/^not valid: the token file cannot be read: .*\n$/);
    expect(verified.stderr).toMatch(/^tt-token: warning: the token file cannot be read: .*\n$/);
    expect(verified.stderr).toContain(reason);
    const replaced = await run([], { env: other });
    expect(replaced.code).toBe(0);
    expect(replaced.stderr).toMatch(
      /^tt-token: warning: the token file failed \(read: .*\); what it holds counts as none\n$/,
    );
    expect(await run(['--verify'], { env: other })).toMatchObject({ code: 0, stderr: '' });
    expect(fake.tokenRequests).toHaveLength(2);
  });

  it('replaces a plain file and leaves no plain copy', async () => {
    const { fake, folder, tokenFile, run, storeToken } = await createPlace();
    await storeToken(-1_000, 3_600_000, 'a-plain-token-0123456789');
    const { code, stderr } = await run([], { env });
    expect(code).toBe(0);
    expect(stderr).toContain('the stored record is not encrypted');
    expect(await readFile(tokenFile, 'utf8')).not.toContain('a-plain-token');
    expect(await readdir(folder)).toEqual(['token.json']);
    expect(fake.tokenRequests).toHaveLength(1);
  });

  it.each([[[]], [['--verify']], [['--force-refresh']]])(
    'is wrong usage with a malformed key, said in one line that does not show it, given %j',
    async (args) => {
      const { fake, run } = await createPlace();
      const wrong = key.toString('hex').slice(2);
      const { code, stdout, stderr } = await run(args, { env: { TT_TOKEN_FILE_KEY: wrong } });
      expect({ code, stdout, stderr }).toEqual({
        code: 2,
        stdout: '',
        stderr: 'tt-token: TT_TOKEN_FILE_KEY must be 32 bytes, as such, in hex or in base64\n',
      });
      expect(fake.tokenRequests).toHaveLength(0);
    },
  );
});
