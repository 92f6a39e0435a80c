import { constants } from 'node:fs';
import { access, lstat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { locate, type TokenLocation } from '../../stores/file/location.js';
import { tokenFileOf } from '../stored-token.js';
import { type Finding, ok, wrong } from './finding.js';
import type { Check, Scene } from './scene.js';

const name = 'token file';
/** Windows tells no owner and no mode. */
const hasOwners = (): boolean => process.platform !== 'win32';

/** Variables that the path of the token file, and what must be in it, depend on. */
export const placeNeeds = ['TT_API_KEY', 'TT_ENVIRONMENT', 'TT_TOKEN_FILE'];

/** The place of the token file, and who may read and replace it. */
export const tokenFile: Check = {
  name,
  needs: placeNeeds,
  isWanted: isFileWanted,
  async look(scene) {
    try {
      const location = await locate(tokenFileOf(scene.resolved));
      const found = await statsOf(location.file);
      const problems = [
        ...(await lookAtFolder(location)),
        ...(found ? lookAtOwner(location, found.uid, found.mode) : []),
      ];
      const rights = hasOwners()
        ? 'its owner and mode are right'
        : 'access rights (ACLs) are not checked: those of its folder protect it';
      const text = found ? rights : 'does not exist yet';
      return problems.length > 0 ? problems : [ok(name, `${location.file}: ${text}`)];
    } catch (error) {
      return [wrong(name, scene.redact.reason(error), 'set TT_TOKEN_FILE to a file of your own')];
    }
  },
};

function isFileWanted({ store }: Scene['options']): boolean {
  return store !== 'keyring';
}

/** Makes a check of the token file's place; nothing where there is none, which its own check says. */
export function checkOfPlace(
  name: string,
  look: (location: TokenLocation, scene: Scene) => Promise<readonly Finding[]>,
): Check {
  return {
    name,
    needs: placeNeeds,
    isWanted: isFileWanted,
    async look(scene) {
      const location = await findTokenFile(scene);
      return location ? look(location, scene) : [];
    },
  };
}

/** Where the token file is; undefined where it can be in no place. */
export async function findTokenFile({ resolved }: Scene): Promise<TokenLocation | undefined> {
  try {
    return await locate(tokenFileOf(resolved));
  } catch {
    return undefined;
  }
}

/** The nearest folder that exists. */
export async function existingFolder(folder: string): Promise<string> {
  const isThere = await statsOf(folder);
  return isThere || dirname(folder) === folder ? folder : existingFolder(dirname(folder));
}

/** What is at a path; undefined where nothing is, or nothing can be seen. */
export async function statsOf(path: string) {
  return lstat(path).catch(() => undefined);
}

async function lookAtFolder({ folder }: TokenLocation): Promise<readonly Finding[]> {
  const existing = await existingFolder(folder);
  try {
    await access(existing, constants.W_OK | constants.X_OK);
    return [];
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    const message = `${existing} cannot be written to (${code}): no token is kept there`;
    return [
      wrong(name, message, 'make the folder writable, or set TT_TOKEN_FILE to another place'),
    ];
  }
}

function lookAtOwner({ file }: TokenLocation, owner: number, mode: number): readonly Finding[] {
  const own = process.geteuid?.();
  if (own === undefined || !hasOwners()) return [];
  if (owner !== own) {
    const message = `${file} is of another user (${owner}), and this one is ${own}`;
    const advice = 'run both as one user, or give each a token file of its own (TT_TOKEN_FILE)';
    return [wrong(name, message, advice)];
  }
  const open = (mode & 0o777).toString(8).padStart(4, '0');
  if ((mode & 0o077) === 0) return [];
  return [wrong(name, `${file} has mode ${open}: others may use the token`, `chmod 600 ${file}`)];
}
