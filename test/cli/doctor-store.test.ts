import { chmod, chown, mkdir, stat, utimes, writeFile } from 'node:fs/promises';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { lookAtKind } from '../../src/cli/doctor/file-system.js';
import {
  currentProcess,
  type ProcessIdentity,
} from '../../src/stores/file/lock/process-identity.js';
import { createPlace, type Place } from './command.js';
import { examine, found } from './doctor.js';

const hourMs = 3_600_000;

/** Changes the stored record, after storing a token of an hour. */
async function changeRecord(place: Place, change: object): Promise<void> {
  await place.storeToken(0, hourMs);
  const changed = { ...(await place.readStored()), ...change };
  await writeFile(place.tokenFile, JSON.stringify(changed));
}

describe('the token file', () => {
  it('is told with its token', async () => {
    const place = await createPlace();
    const expiry = await place.storeToken(-1_000, hourMs);
    const { problems, find } = await examine(place);
    expect(problems).toEqual([]);
    expect(find('token')?.message).toBe(`valid until ${expiry} (in 59 min)`);
    expect(find('token file')?.message).toContain(place.tokenFile);
  });

  it('may be a folder', async () => {
    const place = await createPlace();
    await mkdir(place.tokenFile);
    const { problems } = await examine(place);
    expect(problems).toEqual([
      found('token file', 'wrong', 'is not a regular file', 'set TT_TOKEN_FILE'),
    ]);
  });

  it.runIf(process.platform === 'linux')('may have no place', async () => {
    const { problems } = await examine(await createPlace(), { TT_TOKEN_FILE: '/proc/none/token' });
    expect(problems).toContainEqual(found('file system', 'wrong', '/proc is on proc', 'another'));
  });

  it('may be readable by others', async () => {
    const place = await createPlace();
    await place.storeToken(0, hourMs);
    await chmod(place.tokenFile, 0o644);
    const { problems } = await examine(place);
    expect(problems).toEqual([found('token file', 'wrong', 'has mode 0644', 'chmod 600')]);
  });

  it.runIf(process.getuid?.() === 0)('may be of another user', async () => {
    const place = await createPlace();
    await place.storeToken(0, hourMs);
    await chown(place.tokenFile, 65_534, 65_534);
    const { problems } = await examine(place);
    expect(problems).toEqual([found('token file', 'wrong', 'another user (65534)', 'one user')]);
  });

  it('may be unreadable, without the key that it is encrypted with', async () => {
    const place = await createPlace();
    const env = { TT_TOKEN_FILE_KEY: '5'.repeat(64) };
    expect((await place.run([], { env })).code).toBe(0);
    expect((await examine(place, env)).problems).toEqual([]);
    const { problems } = await examine(place);
    expect(problems).toEqual([found('token', 'wrong', 'is encrypted', 'TT_TOKEN_FILE_KEY')]);
  });

  it.each(['', '{', 'null', '[]', '{"version":2}'])('may be corrupt: %j', async (text) => {
    const place = await createPlace();
    await writeFile(place.tokenFile, text, { mode: 0o600 });
    const { problems } = await examine(place);
    expect(problems).toEqual([found('token', 'wrong', 'is corrupt', 'delete')]);
  });

  it.each([
    [{ keyFingerprint: '0123456789abcdef' }, 'another app key'],
    [{ environment: 'LIVE' }, 'another environment'],
    [{ baseUrl: 'https://tt.example/' }, 'another base URL'],
  ])('may be foreign: %j', async (change, owner) => {
    const place = await createPlace();
    await changeRecord(place, change);
    const { problems } = await examine(place);
    expect(problems).toEqual([found('token', 'wrong', `(${owner})`, 'of its own')]);
  });

  it('may be dated ahead', async () => {
    const place = await createPlace();
    await place.storeToken(120_000, hourMs);
    const { problems } = await examine(place);
    expect(problems).toEqual([found('token', 'wrong', 'is dated ahead', 'clock')]);
  });

  it('may hold a token that has expired', async () => {
    const place = await createPlace();
    const expiry = await place.storeToken(-hourMs, -1_000);
    const { problems } = await examine(place);
    expect(problems).toEqual([found('token', 'warning', `expired at ${expiry}`, 'next call')]);
  });

  it('may hold a failure', async () => {
    const place = await createPlace();
    place.fake.failNextTokenRequests({ status: 429, retryAfterSeconds: 600 });
    expect((await place.run([])).code).toBe(1);
    const { failure } = await place.readStored();
    const ends = new Date((failure?.failedAt ?? 0) + (failure?.forbiddenMs ?? 0)).toISOString();
    const { problems } = await examine(place, {}, '--online');
    const said = 'TOKEN_RATE_LIMITED, 1 in a row';
    expect(problems).toContainEqual(found('last failure', 'wrong', said, `before ${ends}`));
    expect(problems).toContainEqual(found('token request', 'warning', 'not made', ends));
    expect(place.fake.tokenRequests).toHaveLength(1);
    const over = { ...failure, failedAt: Date.now() - 600_001 };
    await changeRecord(place, { failure: over });
    const later = await examine(place);
    expect(later.problems).toEqual([found('last failure', 'warning', said, 'tries again')]);
  });
});

describe('the lock', () => {
  const touched = '2026-01-31T12:00:00.000Z';

  /** Makes the lock of a process, which differs from this one in what is given. */
  async function lock(place: Place, changes: Partial<ProcessIdentity> = {}): Promise<string> {
    const { pid, startedAt, host } = { ...currentProcess(), ...changes };
    const entry = join(`${place.tokenFile}.lock`, ['0'.repeat(24), pid, startedAt, host].join('.'));
    await mkdir(`${place.tokenFile}.lock`);
    await writeFile(entry, '');
    await utimes(`${place.tokenFile}.lock`, new Date(touched), new Date(touched));
    return entry;
  }

  it('may be held by a process that is alive', async () => {
    const place = await createPlace();
    const entry = await lock(place);
    const { problems } = await examine(place);
    const held = `held by process ${process.pid} on this host, touched at ${touched}`;
    expect(problems).toEqual([found('lock', 'warning', `${held}, which is alive`, 'wait')]);
    expect((await stat(entry)).isFile()).toBe(true);
  });

  it('may be held by a process that is dead', async () => {
    const place = await createPlace();
    const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
    await once(child, 'exit');
    await lock(place, { pid: child.pid ?? 0, startedAt: '1' });
    const { problems } = await examine(place);
    const held = `held by process ${String(child.pid)} on this host, touched at ${touched}`;
    expect(problems).toEqual([found('lock', 'warning', held, 'takes it over')]);
    expect(problems[0]?.message).toContain('is dead');
  });

  it('may be held on another host, of which nothing more is known', async () => {
    const place = await createPlace();
    await lock(place, { pid: 7, host: '0123456789ab' });
    const { problems } = await examine(place);
    const held = `held by process 7 on another host or container, touched at ${touched}`;
    expect(problems).toEqual([found('lock', 'warning', held, 'wait')]);
  });

  it('may be one whose holder has not signed it', async () => {
    const place = await createPlace();
    await mkdir(`${place.tokenFile}.lock`);
    const { problems } = await examine(place);
    expect(problems).toEqual([found('lock', 'warning', 'a process that left no entry', 'wait')]);
  });

  it('may hold files of another program', async () => {
    const place = await createPlace();
    await mkdir(`${place.tokenFile}.lock`);
    await writeFile(join(`${place.tokenFile}.lock`, 'file'), '');
    const { problems } = await examine(place);
    expect(problems).toEqual([found('lock', 'wrong', 'files of another program', 'move them')]);
  });

  it('may be a file of another program', async () => {
    const place = await createPlace();
    await writeFile(`${place.tokenFile}.lock`, '');
    const { problems } = await examine(place);
    expect(problems).toEqual([found('lock', 'wrong', 'not a lock of this package', '.lock')]);
  });
});

describe('the kind of file system', () => {
  const here = process.platform;
  const pretend = (platform: string) =>
    Object.defineProperty(process, 'platform', { value: platform });
  afterEach(() => void pretend(here));

  it.each([
    [0x794c7630, 'overlay', 'warning', 'only in this container'],
    [0x01021994, 'tmpfs', 'warning', 'lost at a restart'],
    [0x6969, 'NFS', 'warning', 'other hosts'],
    [-11317950, 'CIFS', 'warning', 'other hosts'],
    [0x65735546, 'FUSE', 'warning', 'other hosts'],
    [0x01021997, '9p', 'warning', 'other hosts'],
    [0x9fa0, 'proc', 'wrong', 'no file'],
    [0xef53, 'ext4', 'ok', ''],
  ])('with the number %d is %s', (type, kind, status, message) => {
    pretend('linux');
    const finding = lookAtKind(type, '/srv');
    expect(finding).toMatchObject({ name: 'file system', status });
    expect(finding.message).toContain(`/srv is on ${kind}`);
    expect(finding.message).toContain(message);
  });

  it('may not be known, and is a share where a path on Windows says so', () => {
    expect(lookAtKind(0x12345, '/a').message).toBe('/a: its kind is not known');
    pretend('win32');
    expect(lookAtKind(0x6969, 'C:\\a').message).toBe('C:\\a: its kind is not known');
    expect(lookAtKind(0, '\\\\files\\a')).toMatchObject({ status: 'warning' });
  });

  it.runIf(process.platform === 'linux')('is that of memory below /dev/shm', async () => {
    const folder = '/dev/shm';
    const place = await createPlace();
    const { problems } = await examine(place, {
      TT_TOKEN_FILE: join(folder, 'tt-token-manager-none', 'token'),
    });
    expect(problems).toEqual([found('file system', 'warning', 'on tmpfs', 'TT_TOKEN_FILE')]);
  });
});

describe.runIf(process.platform === 'linux')('the keyring', () => {
  function breakKeyring(): void {
    const before = process.env.DBUS_SESSION_BUS_ADDRESS;
    process.env.DBUS_SESSION_BUS_ADDRESS = 'unix:path=/nowhere';
    onTestFinished(() => {
      if (before === undefined) delete process.env.DBUS_SESSION_BUS_ADDRESS;
      else process.env.DBUS_SESSION_BUS_ADDRESS = before;
    });
  }

  it('is told where it cannot be used', async () => {
    breakKeyring();
    const { problems } = await examine(await createPlace(), {}, '--store', 'keyring');
    expect(problems).toEqual([found('token', 'wrong', 'keyring cannot be', '--store file')]);
  });

  it('is told where it fails to give the key and secret that are missing', async () => {
    breakKeyring();
    const env = { TT_API_KEY: undefined, TT_API_SECRET: undefined };
    const { problems } = await examine(await createPlace(), env);
    expect(problems).toContainEqual(found('keyring', 'warning', 'gives no key', 'unlock it'));
  });
});
