// Side by side: the old clients take their token from the manager, the new ones need nothing else. One token for all.
import axios from 'axios';
import { createTokenManager, optionsFromEnv } from 'tt-token-manager';
import { authenticateAxios } from 'tt-token-manager/axios';
import { createClient as createOldClient } from './before.mjs';

export const manager = createTokenManager(optionsFromEnv());

/** What the old clients are given in the place of their own token request. */
async function getToken(refused) {
  if (refused) manager.invalidate(refused);
  return (await manager.getToken()).accessToken;
}

export const oldClient = createOldClient(getToken);
export const newClient = axios.create({ baseURL: manager.apiUrl('ttpds') });
authenticateAxios(newClient, manager);
