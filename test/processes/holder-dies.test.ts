import { readdir, stat } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { setScene, together } from './scene.js';
import type { Served, TestWorker } from './workers.js';
import { itOn } from '../helpers/systems.js';

/** Lets processes with 50 callers each wait for the lock that another holds. */
function waitBehind(others: readonly TestWorker[]): Promise<Served[]> {
  return Promise.all(others.map((worker) => worker.get({ callers: 50 })));
}

describe('the process that refreshes dies', () => {
  it('before its token request: one other asks, once, and all are served', async () => {
    const scene = await setScene();
    const holder = await scene.startOne({ hangs: 'secret' });
    const others = await scene.start(16);
    void holder.get().catch(() => undefined);
    await holder.reached('secret');
    const waiting = waitBehind(others);
    await Promise.all(others.map((worker) => worker.status()));
    await holder.kill();
    expect(together(await waiting)).toEqual({ served: 800, tokens: [expect.any(String)] });
    expect(scene.tt.tokenRequests).toHaveLength(1);
    expect(await scene.leftovers()).toEqual([]);
  });

  it('during its token request: exactly one more is sent, and all others are served', async () => {
    const scene = await setScene();
    const workers = await scene.start(17);
    const release = scene.tt.holdTokenRequests();
    const calls = new Map(workers.map((worker) => [worker, worker.get({ callers: 50 })]));
    await scene.tt.waitForTokenRequests(1);
    const holder = scene.requester(workers);
    await Promise.all(workers.map((worker) => worker.status()));
    calls.delete(holder);
    await holder.kill();
    release();
    expect(together(await Promise.all(calls.values()))).toEqual({
      served: 800,
      tokens: [expect.any(String)],
    });
    expect(scene.tt.tokenRequests).toHaveLength(2);
    expect(await scene.leftovers()).toEqual([]);
  });

  it('between token request and write: one more is sent, and its temporary file is removed', async () => {
    const scene = await setScene();
    const holder = await scene.startOne({ hangs: 'rename' });
    const others = await scene.start(8);
    void holder.get().catch(() => undefined);
    await holder.reached('rename');
    expect(await readdir(`${scene.tokenFile}.lock`)).toContainEqual(
      expect.stringMatching(/\.tmp$/),
    );
    const waiting = waitBehind(others);
    await Promise.all(others.map((worker) => worker.status()));
    await holder.kill();
    expect(together(await waiting)).toEqual({ served: 400, tokens: [expect.any(String)] });
    expect(scene.tt.tokenRequests).toHaveLength(2);
    expect(await scene.leftovers()).toEqual([]);
  });

  it.each<['folder' | 'entry', string]>([
    ['folder', 'its entry: the next waits for 10 s, and no longer'],
    ['entry', 'the look for others: the next takes it over'],
  ])('between lock %s and %s', async (hangs: 'folder' | 'entry') => {
    const scene = await setScene();
    const holder = await scene.startOne({ hangs });
    const others = await scene.start(8);
    void holder.get().catch(() => undefined);
    await holder.reached(hangs);
    await holder.kill();
    expect(together(await waitBehind(others))).toEqual({
      served: 400,
      tokens: [expect.any(String)],
    });
    expect(scene.tt.tokenRequests).toHaveLength(1);
    expect(await scene.leftovers()).toEqual([]);
  });

  it('while it gives the lock back: all have its token, and the next refresh takes the lock over', async () => {
    const scene = await setScene();
    const holder = await scene.startOne({ hangs: 'release' });
    const others = await scene.start(8);
    void holder.get().catch(() => undefined);
    await holder.reached('release');
    await holder.kill();
    const { tokens } = together(await waitBehind(others));
    expect(tokens).toEqual([(await scene.stored()).token?.accessToken]);
    expect(scene.tt.tokenRequests).toHaveLength(1);
    const [other] = others;
    expect((await other?.get({ forceRefresh: true }))?.served).toBe(1);
    expect(await other?.events()).toContainEqual({ name: 'lockTakenOver', ownerState: 'dead' });
    expect(scene.tt.tokenRequests).toHaveLength(2);
    expect(await scene.leftovers()).toEqual([]);
  });

  it('says that the lock was taken over, and why', async () => {
    const scene = await setScene();
    const holder = await scene.startOne({ hangs: 'secret' });
    const other = await scene.startOne();
    void holder.get().catch(() => undefined);
    await holder.reached('secret');
    await holder.kill();
    await other.get();
    expect(await other.events()).toContainEqual({ name: 'lockTakenOver', ownerState: 'dead' });
  });
});

describe('the process that refreshes is alive but silent', () => {
  itOn('posix')('frozen: another takes over, and the late reply overwrites nothing', async () => {
    const scene = await setScene();
    const workers = await scene.start(5);
    const release = scene.tt.holdTokenRequests();
    const calls = new Map(workers.map((worker) => [worker, worker.get()]));
    await scene.tt.waitForTokenRequests(1);
    const holder = scene.requester(workers);
    const holderCall = calls.get(holder);
    calls.delete(holder);
    holder.signal('SIGSTOP');
    release();
    const { tokens } = together(await Promise.all(calls.values()));
    expect(tokens).toHaveLength(1);
    expect(scene.tt.tokenRequests).toHaveLength(2);

    holder.signal('SIGCONT');
    expect((await holderCall)?.served).toBe(1);
    expect((await scene.stored()).token?.accessToken).toBe(tokens[0]);
    expect(await scene.leftovers()).toEqual([]);
  });

  it('its event loop blocked: another takes over, and the holder still gets a token', async () => {
    const scene = await setScene();
    const workers = await scene.start(3);
    const release = scene.tt.holdTokenRequests();
    const calls = new Map(workers.map((worker) => [worker, worker.get()]));
    await scene.tt.waitForTokenRequests(1);
    const holder = scene.requester(workers);
    const blocked = holder.block(13_000);
    release();
    const holderCall = calls.get(holder);
    calls.delete(holder);
    const { tokens } = together(await Promise.all(calls.values()));
    expect(scene.tt.tokenRequests).toHaveLength(2);
    await blocked;
    expect((await holderCall)?.served).toBe(1);
    expect((await scene.stored()).token?.accessToken).toBe(tokens[0]);
    expect(await scene.leftovers()).toEqual([]);
  });

  it('a terminated worker thread: another takes over', async () => {
    const scene = await setScene();
    const thread = await scene.startOne({ thread: true });
    const other = await scene.startOne();
    const release = scene.tt.holdTokenRequests();
    void thread.get().catch(() => undefined);
    await scene.tt.waitForTokenRequests(1);
    await thread.kill();
    release();
    expect((await other.get()).served).toBe(1);
    expect(scene.tt.tokenRequests).toHaveLength(2);
    expect((await stat(scene.tokenFile)).mode & 0o777).toBe(0o600);
  });
});
