import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { setScene, together } from './scene.js';

const key = randomBytes(32);

describe('processes on one encrypted token file', () => {
  it('share one token request, whatever the form of their key, and leave nothing plain', async () => {
    const scene = await setScene({ latencyMs: 50 });
    const workers = [
      await scene.startOne({}, { encryptionKey: key.toString('hex') }),
      await scene.startOne({}, { encryptionKey: key.toString('base64') }),
    ];
    const served = await Promise.all(workers.map((worker) => worker.get({ callers: 50 })));
    expect(together(served)).toEqual({ served: 100, tokens: [expect.any(String)] });
    expect(scene.tt.tokenRequests).toHaveLength(1);
    for (const worker of workers) {
      const names = (await worker.events()).map(({ name }) => name);
      expect(names).not.toContain('storeFailed');
    }
    const text = await readFile(scene.tokenFile, 'utf8');
    expect(text).toMatch(/^tt-sealed-1:/);
    expect(text).not.toContain(together(served).tokens[0]);
    expect(await scene.leftovers()).toEqual([]);
  });

  it('share one token request when they find a plain file', async () => {
    const scene = await setScene({ latencyMs: 50 });
    const plain = await scene.storeToken(3_600_000);
    const workers = await scene.start(2, {}, { encryptionKey: key.toString('hex') });
    const served = await Promise.all(workers.map((worker) => worker.get({ callers: 50 })));
    const { tokens } = together(served);
    expect(tokens).toHaveLength(1);
    expect(tokens).not.toContain(plain);
    expect(scene.tt.tokenRequests).toHaveLength(1);
    expect(await readFile(scene.tokenFile, 'utf8')).not.toContain(plain);
    expect(await scene.leftovers()).toEqual([]);
  });

  it('with different keys each serve their own callers', async () => {
    const scene = await setScene();
    const one = await scene.startOne({}, { encryptionKey: key.toString('hex') });
    const other = await scene.startOne({}, { encryptionKey: randomBytes(32).toString('hex') });
    for (const worker of [one, other, one, other]) {
      expect((await worker.get({ callers: 10 })).served).toBe(10);
    }
    expect(scene.tt.tokenRequests).toHaveLength(2);
    expect(await other.events()).toContainEqual({
      name: 'storeFailed',
      operation: 'read',
      message: expect.stringContaining('encrypted with another key') as string,
    });
  });
});
