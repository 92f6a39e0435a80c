// The same as CommonJS, by axios.
const { printSeen } = require('./seen.mjs');
const { default: axios } = require('axios');
const { createTokenManager, optionsFromEnv } = require('tt-token-manager');
const { authenticateAxios } = require('tt-token-manager/axios');

const manager = createTokenManager(optionsFromEnv());
const client = axios.create({ baseURL: process.env.TT_BASE_URL });
authenticateAxios(client, manager);
void printSeen(manager, () => client.get('/ttpds/ext_uat_cert/markets'));
