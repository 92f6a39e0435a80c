/*
 * A file system in memory. Each function is one atomic step, with the codes of a real one, and takes the time of the
 * world: the clock of a file server, which no process has.
 */

/** A file or a folder. */
export interface Node {
  readonly kind: 'file' | 'folder';
  readonly inode: bigint;
  text: string;
  mtimeMs: number;
  ctimeMs: number;
}

/** What stat and lstat give. */
export interface FakeStats {
  readonly ino: bigint;
  readonly uid: number;
  readonly size: number;
  readonly mtime: Date;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

/** A file system in memory. */
export type Disk = ReturnType<typeof createDisk>;

/** Creates the error of a refused call. */
export function refusal(code: string, call = 'call', path = ''): Error {
  return Object.assign(new Error(`${code}: ${call} '${path}'`), { code, path, syscall: call });
}

/** Creates a {@link Disk} with one folder, `/home`. */
export function createDisk(now: () => number) {
  const nodes = new Map<string, Node>();
  let inodes = 0n;
  const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/';

  function made(kind: Node['kind'], text = ''): Node {
    return { kind, inode: ++inodes, text, mtimeMs: now(), ctimeMs: now() };
  }

  function change(path: string): void {
    const folder = nodes.get(parentOf(path));
    if (folder) Object.assign(folder, { mtimeMs: now(), ctimeMs: now() });
  }

  function existing(path: string, call: string): Node {
    const node = nodes.get(path);
    if (node) return node;
    const above = nodes.get(parentOf(path));
    throw refusal(above?.kind === 'file' ? 'ENOTDIR' : 'ENOENT', call, path);
  }

  function add(path: string, node: Node, call: string): Node {
    existing(parentOf(path), call);
    if (nodes.has(path)) throw refusal('EEXIST', call, path);
    nodes.set(path, node);
    change(path);
    return node;
  }

  function namesIn(path: string): string[] {
    return [...nodes.keys()]
      .filter((one) => one !== path && parentOf(one) === path)
      .map((one) => one.slice(path.length + 1))
      .sort();
  }

  nodes.set('/', made('folder'));
  nodes.set('/home', made('folder'));

  return {
    nodes,
    namesIn,
    text: (path: string): string | undefined => nodes.get(path)?.text,
    mkdir: (path: string) => void add(path, made('folder'), 'mkdir'),
    create: (path: string): Node => add(path, made('file'), 'open'),
    open: (path: string): Node => existing(path, 'open'),
    chmod: (path: string) => void existing(path, 'chmod'),
    rmdir(path: string): void {
      if (existing(path, 'rmdir').kind === 'file') throw refusal('ENOTDIR', 'rmdir', path);
      if (namesIn(path).length > 0) throw refusal('ENOTEMPTY', 'rmdir', path);
      nodes.delete(path);
      change(path);
    },
    unlink(path: string): void {
      if (existing(path, 'unlink').kind === 'folder') throw refusal('EISDIR', 'unlink', path);
      nodes.delete(path);
      change(path);
    },
    rename(from: string, to: string): void {
      const node = existing(from, 'rename');
      existing(parentOf(to), 'rename');
      nodes.delete(from);
      nodes.set(to, node);
      change(from);
      change(to);
    },
    readdir(path: string): string[] {
      if (existing(path, 'scandir').kind === 'file') throw refusal('ENOTDIR', 'scandir', path);
      return namesIn(path);
    },
    utimes(path: string, mtime: Date): void {
      Object.assign(existing(path, 'utimes'), { mtimeMs: mtime.getTime(), ctimeMs: now() });
    },
    stat(path: string): FakeStats {
      const { kind, inode, text, mtimeMs, ctimeMs } = existing(path, 'lstat');
      return {
        ino: inode,
        uid: 0,
        size: text.length,
        mtime: new Date(mtimeMs),
        mtimeMs,
        ctimeMs,
        isFile: () => kind === 'file',
        isDirectory: () => kind === 'folder',
        isSymbolicLink: () => false,
      };
    },
  };
}
