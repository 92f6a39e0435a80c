// One of four processes: gets the token that they share.
import { createTokenManager, optionsFromEnv } from 'tt-token-manager';
import { getToken } from './get-token.mjs';

await getToken(createTokenManager(optionsFromEnv()));
