import type { Mutant } from './world.js';

/** The name of a process's own entry, where it has one among these. */
function ownAmong(names: readonly string[], id: number): string[] {
  return names.filter((name) => name.split('.')[1] === String(id + 1));
}

const nameOf = (path: string): string => path.split('/').at(-1) ?? '';
const isEntry = (path: string): boolean =>
  path.includes('.lock/') && !path.endsWith('.tmp') && path.split('/').length === 4;

/** Faults that a lock like this one may have, put in where it calls the file system. */
export const mutants: Readonly<Record<string, Mutant>> = {
  'does not list the folder after it has added its entry': (name, [path = ''], { id, world }) => {
    if (name !== 'readdir' || !path.endsWith('.lock')) return undefined;
    const own = ownAmong(world.disk.namesIn(path), id);
    return own.length > 0 ? () => own : undefined;
  },
  'does not remove the temporary file of the holder before': (name, [path = ''], { id }) => {
    const isOthers = path.endsWith('.tmp') && ownAmong([nameOf(path)], id).length === 0;
    return name === 'rm' && isOthers ? () => undefined : undefined;
  },
  'takes over whoever holds it by now': (name, [from = '', to = ''], { world }) => {
    if (name !== 'rename' || !isEntry(from) || !isEntry(to)) return undefined;
    return () => {
      const lock = from.slice(0, from.lastIndexOf('/'));
      for (const inside of world.disk.namesIn(lock)) world.disk.unlink(`${lock}/${inside}`);
      world.disk.create(to);
    };
  },
  'does not look for its entry before it replaces the file': (name, [path = ''], { world }) =>
    name === 'lstat' && isEntry(path) ? () => world.disk.stat('/home') : undefined,
  'removes the folder with all that is in it': (name, [path = ''], { world }) => {
    if (name !== 'rmdir' || !path.endsWith('.lock')) return undefined;
    return () => {
      for (const inside of world.disk.namesIn(path)) world.disk.unlink(`${path}/${inside}`);
      if (world.disk.nodes.has(path)) world.disk.rmdir(path);
    };
  },
};
