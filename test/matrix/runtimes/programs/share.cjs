// One of four processes: gets the token that they share.
const { printSeen } = require('./seen.mjs');
const { createTokenManager, optionsFromEnv } = require('tt-token-manager');

const manager = createTokenManager(optionsFromEnv());
void printSeen(manager, () => manager.getToken());
