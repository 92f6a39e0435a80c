// After: no flag, no queue, no interceptor, no token request. `before.mjs` is gone.
import axios from 'axios';
import { createTokenManager, optionsFromEnv } from 'tt-token-manager';
import { authenticateAxios } from 'tt-token-manager/axios';

export const manager = createTokenManager(optionsFromEnv());
export const client = axios.create({ baseURL: manager.apiUrl('ttpds') });
authenticateAxios(client, manager);
