import { readFile, realpath } from 'node:fs/promises';
import { type Finding, ok, warning, wrong } from './scene.js';
import { checkOfPlace, existingFolder } from './token-file.js';

const name = 'file system';

/** The kind of file system that the token file is on. */
export const fileSystem = checkOfPlace(name, async (location) => {
  const folder = await realpath(await existingFolder(location.folder));
  const mounts = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '');
  return [lookAtKind(kindOf(folder, mounts), folder)];
});

/** The kind of file system of a path, as Linux lists its mounts; undefined where it is not listed. */
export function kindOf(path: string, mountinfo: string): string | undefined {
  let longest = '';
  let kind: string | undefined;
  for (const line of mountinfo.split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const point = unescaped(before.split(' ')[4]);
    // Of two on the same point the later one is seen.
    const isAbove = point !== '' && `${path}/`.startsWith(`${point.replace(/\/$/, '')}/`);
    if (!isAbove || point.length < longest.length) continue;
    longest = point;
    kind = after.split(' ')[0];
  }
  return kind;
}

/** Judges a kind of file system. */
export function lookAtKind(kind: string | undefined, folder: string): Finding {
  if (kind === undefined) return ok(name, `${folder}: the system does not tell its kind`);
  const place = `${folder} is on ${kind}`;
  if (/^(proc|sysfs|devpts|cgroup2?|squashfs|iso9660|erofs)$/.test(kind)) {
    return wrong(name, `${place}: no file can be kept there`, 'set TT_TOKEN_FILE to another place');
  }
  if (/^(tmpfs|ramfs|devtmpfs)$/.test(kind)) {
    const advice = 'if that costs too many tokens, set TT_TOKEN_FILE to a place on a disk';
    return warning(name, `${place}: in memory, lost at a restart, only in this container`, advice);
  }
  if (/^(overlay|aufs)$/.test(kind)) {
    const advice = 'mount a volume for the token file, or share the token over Redis';
    return warning(name, `${place}: only in this container, and lost with it`, advice);
  }
  if (/^(nfs|cifs|smb|9p$|fuse|virtiofs|ceph|lustre|gpfs|afs|glusterfs|vboxsf|drvfs)/.test(kind)) {
    const advice = 'across hosts use tt-token-manager/redis, or a folder on a local disk';
    return warning(name, `${place}: locks and changes of other hosts may be seen late`, advice);
  }
  return ok(name, place);
}

/** Blanks and the like are written in octal. */
function unescaped(text = ''): string {
  return text.replace(/\\(\d{3})/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 8)),
  );
}
