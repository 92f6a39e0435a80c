// The same as CommonJS, by axios.
const { default: axios } = require('axios');
const { createTokenManager, optionsFromEnv } = require('tt-token-manager');
const { authenticateAxios } = require('tt-token-manager/axios');

async function main() {
  const manager = createTokenManager(optionsFromEnv());
  const storeFailures = [];
  manager.on('storeFailed', ({ operation, message }) =>
    storeFailures.push(`${operation}: ${message}`),
  );
  const client = axios.create({ baseURL: process.env.TT_BASE_URL });
  authenticateAxios(client, manager);
  await client.get('/ttpds/ext_uat_cert/markets');
  await manager.close();
  const listeners = process.eventNames().filter((name) => String(name).startsWith('SIG'));
  console.log(JSON.stringify({ storeFailures, listeners }));
}

void main();
