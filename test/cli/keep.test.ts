import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createPlace } from './command.js';
import { newToken, startKeep } from './keeper.js';

describe('tt-token keep', () => {
  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'writes the bare token, mode 0600, stays, and ends with 0 at %s; the file stays',
    async (signal) => {
      const place = await createPlace();
      const file = join(place.folder, 'bare');
      const keeper = startKeep(place, ['--write', file]);
      await keeper.printed(newToken);
      await expect.poll(() => readFile(file, 'utf8').catch(() => '')).not.toBe('');
      expect(await readFile(file, 'utf8')).toBe(place.fake.tokenRequests[0]?.accessToken);
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      keeper.child.kill(signal);
      expect(await keeper.end).toMatchObject({ code: 0, stdout: '' });
      expect(await readFile(file, 'utf8')).toBe(place.fake.tokenRequests[0]?.accessToken);
    },
  );

  it('ends at once while the endpoint does not answer', async () => {
    const place = await createPlace();
    place.fake.holdTokenRequests();
    const keeper = startKeep(place, []);
    await place.fake.waitForTokenRequests(1);
    keeper.child.kill('SIGTERM');
    expect(await keeper.end).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('takes a token that another process fetched, and makes no request of its own', async () => {
    const place = await createPlace();
    const file = join(place.folder, 'bare');
    const keeper = startKeep(place, ['--write', file]);
    await keeper.printed(newToken);
    expect((await place.run(['--force-refresh'])).code).toBe(0);
    await keeper.printed(newToken, 2);
    const newest = place.fake.tokenRequests[1]?.accessToken;
    await expect.poll(() => readFile(file, 'utf8')).toBe(newest);
    expect(place.fake.tokenRequests).toHaveLength(2);
  });

  it('goes on trying while the endpoint fails, one line a failure', async () => {
    const place = await createPlace();
    place.fake.failNextTokenRequests({ status: 500, count: 1 });
    const keeper = startKeep(place, []);
    await keeper.printed(newToken);
    expect(keeper.stderr()).toMatch(
      /^tt-token: warning: .*500.*; next attempt at \S+Z\ntt-token: token/,
    );
  });

  it('ends with 1 where the credentials are refused', async () => {
    const place = await createPlace();
    const { code, stdout, stderr } = await place.run(['keep'], {
      env: { TT_API_SECRET: 'wrong-one' },
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^tt-token: [^\n]+\n$/);
  });

  it('refuses a file that it cannot write, before it asks for a token', async () => {
    const place = await createPlace();
    await mkdir(join(place.folder, 'folder'));
    await writeFile(place.tokenFile, '');
    for (const path of ['folder', 'missing/bare', 'token.json']) {
      const { code, stderr } = await place.run(['keep', '--write', join(place.folder, path)]);
      expect(code).toBe(2);
      expect(stderr).toMatch(/^tt-token: .*--write[^\n]*\n$/);
    }
    expect(place.fake.tokenRequests).toHaveLength(0);
  });

  it('ends with 0 at SIGBREAK, which Windows sends', async () => {
    const place = await createPlace();
    const release = place.fake.holdTokenRequests();
    const ending = place.run(['keep']);
    await place.fake.waitForTokenRequests(1);
    process.emit('SIGBREAK');
    expect(await ending).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(process.listenerCount('SIGBREAK')).toBe(0);
    release();
  });

  it('says once that it cannot write, or cannot read the secret, and goes on', async () => {
    const place = await createPlace({ tokenLifetimeSeconds: 4 });
    const out = join(place.folder, 'out');
    const secret = join(place.folder, 'secret');
    await mkdir(out);
    await writeFile(secret, place.fake.apiSecret);
    const env = { TT_API_SECRET: undefined, TT_API_SECRET_FILE: secret };
    const keeper = startKeep(place, ['--write', join(out, 'bare')], { env });
    await keeper.printed(newToken);
    await expect.poll(() => readFile(join(out, 'bare'), 'utf8').catch(() => '')).not.toBe('');
    await rm(out, { recursive: true });
    await keeper.printed(/cannot be written \(ENOENT\)$/);
    await rm(secret);
    await keeper.printed(/could not be read: .* does not exist/);
    await writeFile(secret, place.fake.apiSecret);
    await mkdir(out);
    const issued = place.fake.tokenRequests.length;
    await place.fake.waitForTokenRequests(issued + 1);
    await expect.poll(() => readFile(join(out, 'bare'), 'utf8').catch(() => '')).not.toBe('');
    const lines = keeper.stderr().trim().split('\n');
    const warnings = lines.filter((line) => line.includes('warning'));
    const tokens = lines.filter((line) => line.includes('token valid until'));
    expect(warnings.length).toBeLessThanOrEqual(2 * tokens.length);
  });

  it('leaves nothing locked when it is killed', async () => {
    const place = await createPlace();
    const release = place.fake.holdTokenRequests();
    const keeper = startKeep(place, []);
    await place.fake.waitForTokenRequests(1);
    keeper.child.kill('SIGKILL');
    await keeper.end;
    release();
    expect(await place.run([])).toMatchObject({ code: 0, stderr: '' });
  });

  it('does not send a secret where a .env in the working directory says', async () => {
    const place = await createPlace();
    await writeFile(join(place.folder, '.env'), `TT_BASE_URL=${place.fake.url}\n`);
    const { code, stderr } = await place.run(['keep'], { env: { TT_BASE_URL: undefined } });
    expect(code).toBe(2);
    expect(stderr).toContain('.env in the working directory sets TT_BASE_URL');
    expect(place.fake.tokenRequests).toHaveLength(0);
  });
});
