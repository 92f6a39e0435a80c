import { chmod, mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { setScene, together } from './scene.js';
import { itOn } from '../helpers/systems.js';

const isRoot = process.getuid?.() === 0;
const nobody = 65_534;

describe('storage that refuses', () => {
  itOn('posix')(
    'a read-only folder: every process serves its callers from memory and says so',
    async () => {
      const scene = await setScene();
      await chmod(scene.folder, 0o555);
      const workers = await scene.start(3, isRoot ? { uid: nobody } : {});
      for (const worker of workers) {
        expect((await worker.get({ callers: 50 })).served).toBe(50);
        expect(await worker.events()).toContainEqual({
          name: 'storeFailed',
          operation: 'lock',
          code: 'EACCES',
          message: expect.stringContaining('EACCES') as string,
        });
      }
      expect(scene.tt.tokenRequests).toHaveLength(3);
      expect(await scene.leftovers()).toEqual([]);
      await chmod(scene.folder, 0o755);
    },
  );

  it('a full disk: the fetched token is kept in memory, the old file survives', async () => {
    const scene = await setScene();
    await scene.storeToken(-1_000);
    const before = await readFile(scene.tokenFile, 'utf8');
    const worker = await scene.startOne({ hangs: 'full-disk' });
    expect((await worker.get({ callers: 50 })).served).toBe(50);
    expect((await worker.get({ callers: 50 })).served).toBe(50);
    expect(await worker.events()).toContainEqual({
      name: 'storeFailed',
      operation: 'write',
      code: 'ENOSPC',
      message: expect.stringContaining('ENOSPC') as string,
    });
    expect(scene.tt.tokenRequests).toHaveLength(1);
    expect(await readFile(scene.tokenFile, 'utf8')).toBe(before);
    expect(await scene.leftovers()).toEqual([]);
  });

  it('a full disk and a failing endpoint: the back-off still holds, in memory', async () => {
    const scene = await setScene();
    scene.tt.failNextTokenRequests({ status: 500, count: 1 });
    const worker = await scene.startOne({ hangs: 'full-disk' });
    expect((await worker.get({ callers: 5 })).errors).toHaveLength(5);
    expect((await worker.get({ callers: 5 })).errors).toHaveLength(5);
    expect(scene.tt.tokenRequests).toHaveLength(1);
  });

  it('a folder in place of the token file: served from memory, the folder untouched', async () => {
    const scene = await setScene();
    await mkdir(scene.tokenFile);
    const worker = await scene.startOne();
    expect((await worker.get({ callers: 50 })).served).toBe(50);
    expect((await worker.events()).map(({ name }) => name)).toContain('storeFailed');
    expect((await stat(scene.tokenFile)).isDirectory()).toBe(true);
    expect(await scene.leftovers()).toEqual([]);
  });

  itOn('posix')('a dangling symbolic link: its target is made and shared', async () => {
    const scene = await setScene();
    await symlink('target.json', scene.tokenFile);
    const workers = await scene.start(4);
    const served = await Promise.all(workers.map((worker) => worker.get({ callers: 50 })));
    expect(together(served)).toEqual({ served: 200, tokens: [expect.any(String)] });
    expect(scene.tt.tokenRequests).toHaveLength(1);
    expect(await scene.leftovers()).toEqual(['target.json']);
  });

  it('garbage in the token file: replaced by one process', async () => {
    const scene = await setScene();
    await writeFile(scene.tokenFile, '{"version":1,"token":{"accessToken":');
    const workers = await scene.start(4);
    const served = await Promise.all(workers.map((worker) => worker.get({ callers: 50 })));
    expect(together(served).tokens).toHaveLength(1);
    expect(scene.tt.tokenRequests).toHaveLength(1);
    expect((await scene.stored()).token?.accessToken).toBe(together(served).tokens[0]);
  });

  itOn('posix')(
    'the folder removed while the processes run: made again at the next refresh',
    async () => {
      const scene = await setScene();
      const tokenFile = join(scene.folder, 'state', 'token.json');
      const workers = await scene.start(2, {}, { tokenFile });
      await Promise.all(workers.map((worker) => worker.get()));
      await rm(join(scene.folder, 'state'), { recursive: true });
      expect((await workers[0]?.get({ forceRefresh: true }))?.served).toBe(1);
      expect((await stat(tokenFile)).mode & 0o777).toBe(0o600);
      expect((await workers[1]?.get())?.served).toBe(1);
    },
  );

  it('another key in the same file: its token counts as none and is replaced', async () => {
    const scene = await setScene();
    const stranger = await setScene();
    const [one] = await scene.start(1);
    const [other] = await stranger.start(1, {}, { tokenFile: scene.tokenFile });
    const first = await one?.get();
    const second = await other?.get();
    expect(second?.served).toBe(1);
    expect(second?.tokens).not.toEqual(first?.tokens);
    expect(stranger.tt.tokenRequests).toHaveLength(1);
  });
});
