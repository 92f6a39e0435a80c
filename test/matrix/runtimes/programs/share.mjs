// One of four processes: gets the token that they share.
import { printSeen } from './seen.mjs';
import { createTokenManager, optionsFromEnv } from 'tt-token-manager';

console.log('waits for a token');
const manager = createTokenManager(optionsFromEnv());
await printSeen(manager, () => manager.getToken());
