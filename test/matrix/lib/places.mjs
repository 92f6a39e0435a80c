// The folders that programs run in.
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Gives a new folder in the system's temporary one; `removeAll` removes them, and all that `inside` made. */
export function createPlaces() {
  const made = [];

  async function empty() {
    const folder = await mkdtemp(join(tmpdir(), 'tt-matrix-'));
    made.push(folder);
    return folder;
  }

  /** A folder below an installed set, with the package and a copy of some programs: a user's project. */
  async function project(set, { modules }, programs, manifest = { private: true, type: 'module' }) {
    await mkdir(join(set, 'projects'), { recursive: true });
    const folder = await mkdtemp(join(set, 'projects', 'app-'));
    made.push(folder);
    await cp(modules, join(folder, 'node_modules'), { recursive: true, verbatimSymlinks: true });
    await cp(programs, folder, { recursive: true });
    await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
    return folder;
  }

  const removeAll = () =>
    Promise.all(made.map((folder) => rm(folder, { recursive: true, force: true })));
  return { empty, project, removeAll };
}
