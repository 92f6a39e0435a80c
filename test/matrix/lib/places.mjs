// The folders that programs run in.
import { rmSync } from 'node:fs';
import { cp, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const common = fileURLToPath(new URL('../programs', import.meta.url));

/** Copies the programs of a cell, and those that all use, into a folder. */
export async function copyPrograms(programs, folder) {
  for (const source of [common, programs]) await cp(source, folder, { recursive: true });
}

/** Gives functions that make folders. All that they made is removed when the process exits. */
export function createPlaces() {
  const made = [];
  process.once('exit', () => {
    for (const folder of made) rmSync(folder, { recursive: true, force: true });
  });

  async function make(path) {
    const folder = await mkdtemp(path);
    made.push(folder);
    return folder;
  }

  /** A folder in the system's temporary one. */
  const empty = () => make(join(tmpdir(), 'tt-matrix-'));

  /** A folder in another one. */
  const below = (folder) => make(join(folder, 'matrix-'));

  /** A folder below an installed set, with the package and a copy of some programs: a user's project. */
  async function project(set, { modules }, programs) {
    await mkdir(join(set, 'projects'), { recursive: true });
    const folder = await make(join(set, 'projects', 'app-'));
    await cp(modules, join(folder, 'node_modules'), { recursive: true, verbatimSymlinks: true });
    await copyPrograms(programs, folder);
    await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
    return folder;
  }

  return { empty, below, project };
}
