import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { fileStore, type StoreIdentity } from '../../../src/index.js';
import { readTextFile, replaceFile } from '../../../src/stores/file/atomic-file.js';
import { rename, whileBusy } from '../../../src/stores/file/files.js';

/** Every file operation that was begun, and which of them is refused, how often. */
const { calls, refuse, refusal } = vi.hoisted(() => ({
  calls: [] as string[],
  refuse: { from: Infinity, times: 0 },
  refusal: { code: '' },
}));

const names = vi.hoisted(() =>
  'chmod lstat mkdir open readdir realpath rename rm rmdir unlink utimes'.split(' '),
);

/** Counts the calls of functions by their names, and refuses some. */
const counting = vi.hoisted(() => (original: Record<string, unknown>, names: readonly string[]) => {
  const mocked = names.map((name) => {
    const call = original[name] as (...given: unknown[]) => unknown;
    const counted = (...given: unknown[]): unknown => {
      const number = calls.push(name) - 1;
      const { from, times } = refuse;
      if (number < from || number >= from + times) return call(...given);
      throw Object.assign(new Error(`${refusal.code}: refused, ${name}`), { code: refusal.code });
    };
    return [name, counted];
  });
  return { ...original, ...(Object.fromEntries(mocked) as object) };
});

vi.mock('node:fs/promises', async (importOriginal) => counting(await importOriginal(), names));
vi.mock('node:fs', async (importOriginal) => counting(await importOriginal(), ['openSync']));
const real = await vi.importActual<typeof import('node:fs/promises')>('node:fs/promises');

const identity: StoreIdentity = {
  environment: 'UAT',
  baseUrl: 'https://tt.example/',
  keyFingerprint: '0123456789abcdef',
};
const life = { lifeMs: 60_000 };
const codes = ['EPERM', 'EACCES', 'EBUSY'];

async function newFolder(): Promise<string> {
  const folder = await real.mkdtemp(join(tmpdir(), 'tt-token-'));
  onTestFinished(() => real.rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Refuses so many operations, from the one of this number on. */
function refuseFrom(from: number, code: string, times = 1): void {
  calls.length = 0;
  refuse.from = from;
  refuse.times = times;
  refusal.code = code;
}

beforeEach(() => {
  vi.spyOn(process, 'platform', 'get').mockReturnValue('win32');
  onTestFinished(() => {
    vi.restoreAllMocks();
    refuseFrom(Infinity, '');
  });
});

/** Takes over the lock of a dead process, writes and reads the text, and gives the lock back. */
async function refresh(path: string): Promise<void> {
  const before = fileStore({ path }).open(identity);
  const lost = await before.acquire();
  const [entry = ''] = await real.readdir(`${path}.lock`);
  const dead = [entry.split('.')[0], 2 ** 22 + 1, ...entry.split('.').slice(2)].join('.');
  await real.rename(join(`${path}.lock`, entry), join(`${path}.lock`, dead));
  await real.writeFile(join(`${path}.lock`, `${dead}.tmp`), 'half a rec');
  await lost?.release();

  const session = fileStore({ path }).open(identity);
  const takeovers: string[] = [];
  const lease = await session.acquire((ownerState) => void takeovers.push(ownerState));
  expect(takeovers).toEqual(['dead']);
  expect(await lease?.write('new', life)).toBe(true);
  expect(await session.read()).toBe('new');
  await lease?.release();
  await session.write('newer', life);
  expect(await session.read()).toBe('newer');
}

describe('a file that', () => {
  it('is none, is not there, or is too large counts as in other systems', async () => {
    const folder = await newFolder();
    await expect(readTextFile(folder)).rejects.toThrow(/EINVAL.*is not a regular file/);
    expect(await readTextFile(join(folder, 'absent'))).toBeUndefined();
    await real.writeFile(join(folder, 'large'), 'x'.repeat(262_145));
    expect(await readTextFile(join(folder, 'large'))).toBeUndefined();
    await real.writeFile(join(folder, 'largest'), 'x'.repeat(262_144));
    expect(await readTextFile(join(folder, 'largest'))).toHaveLength(262_144);
  });
});

describe('while another program has a file open', () => {
  it('each operation, refused once, is tried again: nothing fails, and nothing is left', async () => {
    refuseFrom(Infinity, '');
    await refresh(join(await newFolder(), 'a', 'token.json'));
    const all = [...calls];
    expect(new Set(all)).toEqual(new Set([...names, 'openSync']));
    for (const number of all.keys()) {
      const folder = await newFolder();
      refuseFrom(number, codes[number % codes.length] ?? '');
      await refresh(join(folder, 'a', 'token.json'));
      expect([all[number], await real.readdir(join(folder, 'a'))]).toEqual([
        all[number],
        ['token.json'],
      ]);
    }
  });

  it('the lease is confirmed anew before each rename', async () => {
    const confirm = vi.fn(() => Promise.resolve(true));
    const path = join(await newFolder(), 'token.json');
    refuseFrom(1, 'EPERM', 2);
    confirm.mockResolvedValueOnce(true).mockResolvedValueOnce(true).mockResolvedValueOnce(false);
    expect(await replaceFile(path, 'new', { confirm })).toBe(false);
    expect(calls.filter((name) => name === 'rename')).toHaveLength(2);
    expect(confirm).toHaveBeenCalledTimes(3);
  });

  it.each(codes)(
    'for good, half a second later, a %s says what may be the reason',
    async (code) => {
      const path = join(await newFolder(), 'token.json');
      refuseFrom(1, code, 1_000);
      const said = expect.stringMatching(`${code}.*another program has it open`) as string;
      const begunAt = performance.now();
      await expect(replaceFile(path, 'new')).rejects.toMatchObject({ code, message: said });
      expect(performance.now() - begunAt).toBeGreaterThan(500);
    },
  );

  it('says so once, where one operation is part of another', async () => {
    const refused = Object.assign(new Error('EBUSY: refused'), { code: 'EBUSY' });
    const nested = whileBusy(() => whileBusy(() => Promise.reject(refused)));
    await expect(nested).rejects.toThrow(/^EBUSY: refused; another program has it open[^;]*$/);
  });

  it('a folder from which something was just removed is not empty for a moment', async () => {
    const folder = await newFolder();
    const rmdir = vi
      .fn(() => real.rmdir(folder))
      .mockRejectedValueOnce(Object.assign(new Error('not empty'), { code: 'ENOTEMPTY' }));
    await whileBusy(rmdir);
    expect(rmdir).toHaveBeenCalledTimes(2);
  });
});

it.each([
  ['another code', 'win32', 'EIO'],
  ['another system', 'linux', 'EBUSY'],
])('%s is not tried again', async (_, platform, code) => {
  vi.mocked(vi.spyOn(process, 'platform', 'get')).mockReturnValue(platform as NodeJS.Platform);
  const folder = await newFolder();
  await real.writeFile(join(folder, 'a'), '');
  refuseFrom(0, code);
  await expect(rename(join(folder, 'a'), join(folder, 'b'))).rejects.toMatchObject({ code });
  expect(calls).toEqual(['rename']);
});
