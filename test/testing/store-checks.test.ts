import { describe, expect, it } from 'vitest';
import type {
  StoreIdentity,
  StoreLease,
  StoreSession,
  TokenStore,
} from '../../src/stores/store.js';
import { storeChecks, type StoreChecksOptions } from '../../src/testing/index.js';

/** What a store of this test keeps for one identity. */
interface Cell {
  text?: string;
  holder?: object;
}

/** A store in memory, written as a user might, with one thing done otherwise. */
function storeWith(
  change: (session: StoreSession, cell: Cell) => Partial<StoreSession> = () => ({}),
  nameOf: (identity: StoreIdentity) => unknown = (identity) => Object.values(identity).join(),
): { store: TokenStore } & Required<Pick<StoreChecksOptions, 'breakLease' | 'leaveDeadHolder'>> {
  const cells = new Map<unknown, Cell>();
  function cellOf(identity: StoreIdentity): Cell {
    const cell = cells.get(nameOf(identity)) ?? {};
    cells.set(nameOf(identity), cell);
    return cell;
  }
  function open(identity: StoreIdentity): StoreSession {
    const cell = cellOf(identity);
    const session: StoreSession = {
      read: () => Promise.resolve(cell.text),
      write(text) {
        cell.text = text;
        return Promise.resolve();
      },
      acquire: () => Promise.resolve(cell.holder ? undefined : leaseOf(cell)),
    };
    return { ...session, ...change(session, cell) };
  }
  return {
    store: { open },
    breakLease: (identity) => Promise.resolve(delete cellOf(identity).holder),
    leaveDeadHolder: () => Promise.resolve(),
  };
}

function leaseOf(cell: Cell): StoreLease {
  const id = {};
  cell.holder = id;
  const isHeld = (): boolean => cell.holder === id;
  return {
    write: (text) => Promise.resolve(isHeld() && (cell.text = text) === text),
    release() {
      if (isHeld()) delete cell.holder;
      return Promise.resolve();
    },
  };
}

/** The names of the checks that a store does not pass. */
async function broken(
  { store, ...ways }: ReturnType<typeof storeWith>,
  options: StoreChecksOptions = ways,
  create = () => store,
): Promise<string[]> {
  const results = storeChecks(create, options).map(async ({ name, run }) =>
    run().then(
      () => [],
      (error: unknown) => `${name}: ${(error as Error).message}`,
    ),
  );
  return (await Promise.all(results)).flat();
}

const leased = (
  session: StoreSession,
  change: (lease: StoreLease) => Partial<StoreLease>,
): Partial<StoreSession> => ({
  async acquire() {
    const lease = await session.acquire();
    return lease && { ...lease, ...change(lease) };
  },
});
const written = (
  session: StoreSession,
  change: (text: string) => string,
): Partial<StoreSession> => ({
  write: (text, options) => session.write(change(text), options),
});

describe('storeChecks', () => {
  it('passes a store that keeps its promises, in whatever order they run', async () => {
    expect(await broken(storeWith())).toEqual([]);
  });

  it('names each promise once, in a sentence, and leaves out what it has no way to bring about', () => {
    const all = storeChecks(() => storeWith().store, storeWith()).map(({ name }) => name);
    const plain = storeChecks(() => storeWith().store).map(({ name }) => name);
    expect(new Set(all).size).toBe(all.length);
    expect(all.filter((name) => !plain.includes(name))).toHaveLength(2);
    for (const name of all) expect(name).toMatch(/^\w+ [\w ,]+$/);
  });

  it.each<[string, RegExp, Parameters<typeof storeWith>]>([
    ['trims texts', /delicate/, [(session) => written(session, (text) => text.trim())]],
    ['keeps no CR', /delicate/, [(session) => written(session, (text) => text.replace(/\r/g, ''))]],
    ['changes forms', /delicate/, [(session) => written(session, (text) => text.normalize('NFC'))]],
    [
      'keeps Latin-1 only',
      /every character/,
      [(session) => written(session, (text) => Buffer.from(text, 'latin1').toString('latin1'))],
    ],
    [
      'takes an empty text for none',
      /comes back as it was written/,
      [({ read }) => ({ read: async () => (await read()) || undefined })],
    ],
    [
      'cuts at 8 KB',
      /comes back as it was written/,
      [(session) => written(session, (text) => text.slice(0, 8_192))],
    ],
    [
      'writes in two steps',
      /replaced as a whole/,
      [
        (_, cell) => ({
          async write(text) {
            cell.text = text.slice(0, 5);
            await new Promise(setImmediate);
            cell.text = text;
          },
        }),
      ],
    ],
    [
      'remembers what it read',
      /in the session that wrote it/,
      [
        ({ read }) => {
          let first: Promise<string | undefined> | undefined;
          return { read: () => (first ??= read()) };
        },
      ],
    ],
    ['knows no identity', /the text of another environment was read/, [undefined, () => 'all']],
    [
      'knows no app key',
      /the text of another keyFingerprint was read/,
      [undefined, ({ environment, baseUrl }) => `${environment} ${baseUrl}`],
    ],
    [
      'knows no base URL',
      /another baseUrl/,
      [undefined, ({ environment, keyFingerprint }) => `${environment} ${keyFingerprint}`],
    ],
    [
      'lets everybody in',
      /although the lock was held/,
      [(_, cell) => ({ acquire: () => Promise.resolve(leaseOf(cell)) })],
    ],
    [
      'looks first and takes later',
      /got the lock/,
      [
        (_, cell) => ({
          async acquire() {
            if (cell.holder) return undefined;
            await new Promise(setImmediate);
            return leaseOf(cell);
          },
        }),
      ],
    ],
    [
      'waits for the lock',
      /it must not wait/,
      [
        ({ acquire }) => ({
          async acquire() {
            for (;;) {
              const lease = await acquire();
              if (lease) return lease;
              await new Promise((resolve) => setTimeout(resolve, 20).unref());
            }
          },
        }),
      ],
    ],
    [
      'lets a lease write that is over',
      /write\(\) of a lease that is over gave true/,
      [
        (session) =>
          leased(session, () => ({
            write: async (text, options) => (await session.write(text, options), true),
          })),
      ],
    ],
    [
      'does not say that it wrote nothing',
      /write\(\) of a lease that is over gave undefined/,
      [
        (session) =>
          leased(session, (lease) => ({
            write: async (text, options) =>
              (await lease.write(text, options)) || (undefined as unknown as boolean),
          })),
      ],
    ],
    [
      'releases whoever holds the lock',
      /lock of the next holder/,
      [
        (session, cell) =>
          leased(session, () => ({
            release() {
              delete cell.holder;
              return Promise.resolve();
            },
          })),
      ],
    ],
    [
      'never releases',
      /gave no lease although nobody held the lock/,
      [(session) => leased(session, () => ({ release: () => Promise.resolve() }))],
    ],
    [
      'fails at a second release',
      /already/,
      [
        (session) => {
          return leased(session, ({ release }) => {
            let isOver = false;
            return {
              release() {
                if (isOver) return Promise.reject(new Error('released already'));
                isOver = true;
                return release();
              },
            };
          });
        },
      ],
    ],
    [
      'writes when it is opened',
      /after further sessions were opened/,
      [(_, cell) => (cell.text !== undefined && (cell.text = 'opened'), {})],
    ],
  ])('finds a store that %s', async (_, seen, given) => {
    const create = () => storeWith(...given).store;
    expect((await broken(storeWith(), {}, create)).join('\n')).toMatch(seen);
  });

  it('finds a dead holder that costs too much, and a takeover of an unknown kind', async () => {
    const stays = storeWith();
    const leaveDeadHolder = async (identity: StoreIdentity): Promise<void> => {
      await stays.store.open(identity).acquire();
    };
    expect(await broken(stays, { leaveDeadHolder, deadHolderCostsMs: 50 })).toEqual([
      expect.stringContaining('the lock did not become free in time'),
    ]);
    const odd = storeWith(({ acquire }) => ({
      acquire: (onTakeover) => (onTakeover?.('gone' as 'dead'), acquire()),
    }));
    expect((await broken(odd)).join()).toContain('onTakeover was called with: gone');
  });

  it('gives back what a broken promise leaves', async () => {
    const { store } = storeWith((session) => written(session, () => 'another'));
    let identity: StoreIdentity | undefined;
    const spying: TokenStore = { open: (given) => ((identity = given), store.open(given)) };
    const checks = storeChecks(() => spying).filter(({ name }) =>
      name.startsWith('a write without'),
    );
    for (const { run } of checks) await expect(run()).rejects.toThrow('read() gave "another"');
    expect(checks).toHaveLength(1);
    expect(identity && (await store.open(identity).acquire())).toBeDefined();
  });
});
