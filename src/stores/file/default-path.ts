import { homedir } from 'node:os';
import { join } from 'node:path';
import type { StoreIdentity } from '../record.js';

const folder = 'tt-token-manager';

/**
 * The token file of an identity in the per-user state folder of the platform.
 * @throws Error where the user has no home folder.
 */
export function defaultTokenFile({ environment, keyFingerprint }: StoreIdentity): string {
  return join(stateFolder(), folder, `tt_token_${environment}_${keyFingerprint}.json`);
}

function stateFolder(): string {
  const { XDG_STATE_HOME, LOCALAPPDATA } = process.env;
  if (process.platform === 'win32') return LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support');
  return XDG_STATE_HOME?.startsWith('/') ? XDG_STATE_HOME : join(homedir(), '.local', 'state');
}
