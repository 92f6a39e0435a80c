import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { alone, inMidRefresh, spoilt, tellAll, type Fault } from './faults.js';

const stallMs = 700;
/** After so long a store that does not answer counts as failed. */
const storeLimitMs = 5_000;

/** The faults of a token file, which belongs to a user if one is given. */
export function fileFaults(tokenFile: string, uid: number | undefined): readonly Fault[] {
  const folder = dirname(tokenFile);
  const lock = `${tokenFile}.lock`;

  function giveToUser(path: string): void {
    if (uid !== undefined) chownSync(path, uid, uid);
  }

  function write(content: string | Buffer): void {
    writeFileSync(tokenFile, content, { mode: 0o600 });
    giveToUser(tokenFile);
  }

  /** Puts something where the lock is made, and waits until somebody has taken it away. */
  function lockInTheWay(name: string, put: (path: string) => void): Fault {
    return {
      name,
      async run() {
        try {
          put(lock);
        } catch {
          return 0; // Somebody holds the lock at this moment.
        }
        const { ino } = lstatSync(lock);
        const isThere = (): boolean => lstatSync(lock, { throwIfNoEntry: false })?.ino === ino;
        for (const until = Date.now() + 20_000; isThere();) {
          if (Date.now() > until) throw new Error('nobody took the lock over');
          await pause(20);
        }
        return 0;
      },
    };
  }

  return [
    spoilt('the token file deleted', () => rmSync(tokenFile, { force: true })),
    spoilt('the token file truncated', ({ random }) => {
      if (existsSync(tokenFile)) truncateSync(tokenFile, random.integer(0, 100));
    }),
    spoilt('the token file full of rubbish', () => write(randomBytes(300))),
    spoilt("another key's token file", () => {
      const text = existsSync(tokenFile) ? readFileSync(tokenFile, 'utf8') : '{}';
      write(text.replace(/"keyFingerprint":"[^"]*"/, '"keyFingerprint":"of-another-key"'));
    }),
    spoilt('the token file without permissions', () => {
      if (existsSync(tokenFile)) chmodSync(tokenFile, 0o000);
    }),
    {
      name: 'the folder read-only',
      spoilsStore: true,
      async run({ fleet }) {
        chmodSync(folder, 0o500);
        await pause(4_000);
        chmodSync(folder, 0o700);
        return alone(fleet, 4_000);
      },
    },
    {
      name: 'the folder removed and made again',
      spoilsStore: true,
      async run({ fleet, random }) {
        rmSync(folder, { recursive: true, force: true });
        await pause(random.integer(0, 500));
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        if (uid !== undefined) chownSync(folder, uid, uid);
        return alone(fleet, 500);
      },
    },
    ...(['full', 'hung', 'noDescriptors'] as const).map((state): Fault => ({
      name: `the file system: ${state}`,
      spoilsStore: true,
      // Whoever has no token waits until the store counts as failed.
      stopsTokens: state === 'hung',
      async run({ fleet, random }) {
        const ms = random.integer(1_000, 7_000);
        await tellAll(fleet, 'disk', { state });
        await pause(ms);
        await tellAll(fleet, 'disk', { state: 'well' });
        return alone(fleet, ms + storeLimitMs);
      },
    })),
    {
      name: 'another umask, and the folder made anew',
      spoilsStore: true,
      async run({ fleet }) {
        await tellAll(fleet, 'umask', { mask: 0o177 });
        rmSync(folder, { recursive: true, force: true });
        for (const until = Date.now() + 20_000; !existsSync(tokenFile);) {
          if (Date.now() > until) throw new Error('nobody made the folder');
          await pause(20);
        }
        const mode = lstatSync(folder).mode & 0o777;
        if (mode !== 0o700) throw new Error(`the folder has mode ${mode.toString(8)}`);
        await tellAll(fleet, 'umask', { mask: 0o022 });
        return alone(fleet, 500);
      },
    },
    {
      name: 'the lock removed in mid-refresh',
      run: (target) =>
        inMidRefresh(target, async () => {
          rmSync(lock, { recursive: true, force: true });
          await pause(stallMs);
          return 1;
        }),
    },
    lockInTheWay('a lock left over', (path) => {
      mkdirSync(path);
      giveToUser(path);
    }),
    {
      name: "somebody else's file in place of the lock",
      spoilsStore: true,
      async run({ fleet }) {
        rmSync(lock, { recursive: true, force: true });
        writeFileSync(lock, 'not ours');
        await pause(4_000);
        if (readFileSync(lock, 'utf8') !== 'not ours') throw new Error('the file was replaced');
        rmSync(lock);
        return alone(fleet, 4_000);
      },
    },
  ];
}
