// One of four processes: gets the token that they share.
const { createTokenManager, optionsFromEnv } = require('tt-token-manager');

import('./get-token.mjs').then(({ getToken }) => getToken(createTokenManager(optionsFromEnv())));
