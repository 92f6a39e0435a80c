import { createTokenManager } from 'tt-token-manager';

export const apiKey = '00000000-0000-4000-8000-000000000000';

/** The package under test, with the file store that its users get unless it is given one. */
export function createManager({ origin, name, tokenFile, store, bufferMs, key = apiKey }) {
  return createTokenManager({
    apiKey: key,
    apiSecret: '00000000-0000-4000-8000-000000000001',
    appName: name,
    companyName: 'Bench',
    baseUrl: origin,
    tokenFile,
    store,
    refreshBufferMs: bufferMs,
  });
}
