import { statfs } from 'node:fs/promises';
import { type Finding, ok, warning, wrong } from './finding.js';
import { checkOfPlace, existingFolder } from './token-file.js';

type Kinds = Readonly<Record<string, number>>;

const name = 'file system';
const remote = 'locks and changes of other hosts may be seen late';
const useRedis = 'across hosts use tt-token-manager/redis, or a folder on a local disk';

/** File systems by the numbers that Linux gives them, what is said of them, and what to do. */
const groups: readonly (readonly [
  kinds: Kinds,
  make: typeof warning,
  what: string,
  advice: string,
])[] = [
  [
    {
      proc: 0x9fa0,
      sysfs: 0x62656572,
      cgroup2: 0x63677270,
      squashfs: 0x73717368,
      EROFS: 0xe0f5e1e2,
    },
    wrong,
    'no file can be kept there',
    'set TT_TOKEN_FILE to another place',
  ],
  [
    { tmpfs: 0x01021994, ramfs: 0x858458f6 },
    warning,
    'in memory, lost at a restart, only in this container',
    'if that costs too many tokens, set TT_TOKEN_FILE to a place on a disk',
  ],
  [
    { overlay: 0x794c7630 },
    warning,
    'only in this container, and lost with it',
    'mount a volume for the token file, or share the token over Redis',
  ],
  [{ NFS: 0x6969, CIFS: 0xff534d42, SMB: 0xfe534d42, FUSE: 0x65735546 }, warning, remote, useRedis],
  [{ '9p': 0x01021997, Ceph: 0x00c36400, Lustre: 0x0bd00bd0 }, warning, remote, useRedis],
  [{ GPFS: 0x47504653, AFS: 0x5346414f, vboxsf: 0x786f4256 }, warning, remote, useRedis],
];
const local = { ext4: 0xef53, XFS: 0x58465342, Btrfs: 0x9123683e, ZFS: 0x2fc12fc1, FAT: 0x4d44 };

/** The kind of file system that the token file is on. */
export const fileSystem = checkOfPlace(name, async ({ folder }) => {
  const existing = await existingFolder(folder);
  const found = await statfs(existing).catch(() => undefined);
  return [lookAtKind(found?.type ?? 0, existing)];
});

/** Judges a file system by its number, and on Windows by the path, which tells a share. */
export function lookAtKind(type: number, folder: string): Finding {
  if (folder.startsWith('\\\\')) return warning(name, `${folder} is a share: ${remote}`, useRedis);
  // Other systems number their own; some give the number with a sign.
  const number = process.platform === 'linux' ? type >>> 0 : 0;
  const kindIn = (kinds: Kinds) => Object.keys(kinds).find((kind) => kinds[kind] === number);
  for (const [kinds, make, what, advice] of groups) {
    const kind = kindIn(kinds);
    if (kind) return make(name, `${folder} is on ${kind}: ${what}`, advice);
  }
  const kind = kindIn(local);
  return ok(name, kind ? `${folder} is on ${kind}` : `${folder}: its kind is not known`);
}
