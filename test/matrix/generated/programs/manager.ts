import { createTokenManager, memoryStore, optionsFromEnv } from 'tt-token-manager';

export const manager = createTokenManager({ ...optionsFromEnv(), store: memoryStore() });
export const baseUrl = process.env.TT_BASE_URL ?? '';
