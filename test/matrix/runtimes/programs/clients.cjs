const { createTokenManager, memoryStore } = require('tt-token-manager');
const { authenticateAxios } = require('tt-token-manager/axios');
const { authenticateFetch } = require('tt-token-manager/fetch');
const { authenticateKy } = require('tt-token-manager/ky');
const { startFakeTT } = require('tt-token-manager/testing');

const authenticate = { authenticateAxios, authenticateFetch, authenticateKy };
import('./three-clients.mjs').then(({ useThreeClients }) =>
  useThreeClients({ createTokenManager, memoryStore, startFakeTT, ...authenticate }),
);
