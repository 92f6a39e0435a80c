import { chmod, mkdir, mkdtemp, readdir, readFile, rm, utimes } from 'node:fs/promises';
import type { BigIntStats, Stats } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  fileStore,
  type StoredRecord,
  type StoreIdentity,
  type StoreLease,
} from '../../../../src/index.js';

/** Gives a file the time of its last change as its time of birth, as kernels and sandboxes without statx do. */
function withMovingBirth<Found extends Stats | BigIntStats>(found: Found): Found {
  const { ctime, ctimeMs } = found;
  const moving = { birthtime: ctime, birthtimeMs: ctimeMs };
  return Object.assign(
    found,
    'ctimeNs' in found ? { ...moving, birthtimeNs: found.ctimeNs } : moving,
  );
}

vi.mock('node:fs/promises', async (importOriginal) => {
  const original = await importOriginal<typeof import('node:fs/promises')>();
  return {
    ...original,
    stat: async (...call: Parameters<typeof original.stat>) =>
      withMovingBirth(await original.stat(...call)),
    lstat: async (...call: Parameters<typeof original.lstat>) =>
      withMovingBirth(await original.lstat(...call)),
  };
});
vi.mock('node:fs', async (importOriginal) => {
  const original = await importOriginal<typeof import('node:fs')>();
  const lstatSync = (...[path]: Parameters<typeof original.lstatSync>): BigIntStats =>
    withMovingBirth(original.lstatSync(path, { bigint: true }));
  return { ...original, lstatSync };
});

const identity: StoreIdentity = {
  environment: 'UAT',
  baseUrl: 'https://tt.example/',
  keyFingerprint: '0123456789abcdef',
};
const record: StoredRecord = { version: 1, ...identity };

/** What a holder, or somebody else, does to the lock folder: its change time moves. */
const touches: Readonly<Record<string, (lock: string) => Promise<void>>> = {
  'a new time': (lock) => utimes(lock, new Date(), new Date()),
  'another mode': (lock) => chmod(lock, 0o750),
};

async function lockIn(folder: string): Promise<StoreLease> {
  const lease = await fileStore({ path: join(folder, 'token.json') })
    .open(identity)
    .acquire();
  if (!lease) throw new Error('the lock is held');
  return lease;
}

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tt-token-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

describe('a lock where times of birth move', () => {
  it.each(Object.entries(touches))('is still its holder’s after %s', async (_, touch) => {
    const folder = await newFolder();
    for (const round of [1, 2]) {
      const lease = await lockIn(folder);
      await touch(join(folder, 'token.json.lock'));
      expect(await lease.write({ ...record, generation: round })).toBe(true);
      await lease.release();
      expect(await readdir(folder)).toEqual(['token.json']);
    }
    const text = await readFile(join(folder, 'token.json'), 'utf8');
    expect(JSON.parse(text)).toMatchObject({ generation: 2 });
  });

  it.each(Object.entries(touches))('without a record is removed after %s', async (_, touch) => {
    const folder = await newFolder();
    await mkdir(join(folder, 'token.json.lock-owner'));
    const lease = await lockIn(folder);
    await touch(join(folder, 'token.json.lock'));
    await lease.release();
    expect(await readdir(folder)).toEqual(['token.json.lock-owner']);
  });
});
