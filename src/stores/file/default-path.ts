import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { StoreIdentity } from '../store.js';

const folder = 'tt-token-manager';

/**
 * The token file of an identity in the per-user state folder of the platform.
 * @throws Error where the user has no home folder.
 */
export function defaultTokenFile({ environment, keyFingerprint }: StoreIdentity): string {
  return join(stateFolder(), folder, `tt_token_${environment}_${keyFingerprint}.json`);
}

/** Returns whether a path begins with `~/`, the home folder. */
export function isBelowHome(path: string): boolean {
  return /^~[/\\]/.test(path);
}

/**
 * Puts the home folder in the place of a leading `~/`.
 * @throws Error where that is asked for and the user has no home folder.
 */
export function expandHome(path: string): string {
  return isBelowHome(path) ? join(homeFolder(), path.slice(2)) : path;
}

function stateFolder(): string {
  const { XDG_STATE_HOME, LOCALAPPDATA } = process.env;
  if (process.platform === 'win32') {
    return absolute(LOCALAPPDATA) ?? join(homeFolder(), 'AppData', 'Local');
  }
  if (process.platform === 'darwin') return join(homeFolder(), 'Library', 'Application Support');
  return absolute(XDG_STATE_HOME) ?? join(homeFolder(), '.local', 'state');
}

/** The home folder: a relative one would be another in each working directory, so it counts as none. */
function homeFolder(): string {
  const home = absolute(homedir());
  if (home !== undefined) return home;
  const message =
    'ENOENT: there is no home folder: HOME is not an absolute path; set HOME or name a token file';
  throw Object.assign(new Error(message), { code: 'ENOENT' });
}

function absolute(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined;
}
