// One program with two copies of the package, the ESM one and the CJS one, on one token file.
import { createRequire } from 'node:module';
import axios from 'axios';
import ky from 'ky';
import * as esm from 'tt-token-manager';
import { authenticateAxios } from 'tt-token-manager/axios';
import { authenticateFetch } from 'tt-token-manager/fetch';
import { authenticateKy } from 'tt-token-manager/ky';

const require = createRequire(import.meta.url);
const cjs = require('tt-token-manager');
const cjsAxios = require('axios');
const adapters = {
  esm: { authenticateAxios, authenticateFetch, authenticateKy },
  cjs: {
    ...require('tt-token-manager/axios'),
    ...require('tt-token-manager/fetch'),
    ...require('tt-token-manager/ky'),
  },
};
const options = esm.optionsFromEnv();
const markets = `${options.baseUrl}/ttpds/ext_uat_cert/markets`;
const events = [];

function create(copy, file = options.tokenFile) {
  const manager = copy.createTokenManager({ ...options, tokenFile: file });
  for (const name of ['refreshed', 'adopted', 'refreshFailed', 'storeFailed', 'lockTakenOver'])
    manager.on(name, () => void events.push(name));
  return manager;
}

/** Every client with the adapters of one copy and the manager of the other. */
function clientsOf({ authenticateAxios, authenticateFetch, authenticateKy }, manager) {
  const instances = [axios, cjsAxios].flatMap(({ create }) =>
    ['http', 'fetch'].map((adapter) => create({ adapter })),
  );
  for (const instance of instances) authenticateAxios(instance, manager);
  return [
    ...instances.map((instance) => () => instance.get(markets)),
    () => authenticateFetch(globalThis.fetch, manager)(markets),
    () => authenticateKy(ky, manager)(markets),
  ];
}

const commands = {
  areTwo: () => ({
    create: esm.createTokenManager !== cjs.createTokenManager,
    errors: esm.TokenError !== cjs.TokenError,
    axios: axios !== cjsAxios,
  }),
  async get() {
    const tokens = await Promise.all(
      [managers.esm, managers.cjs].flatMap((manager) =>
        Array.from({ length: 50 }, () => manager.getToken()),
      ),
    );
    return [...new Set(tokens.map(({ accessToken }) => accessToken))];
  },
  forceOne: async ({ copy }) => (await managers[copy].getToken({ forceRefresh: true })).accessToken,
  events: () => events.splice(0).sort(),
  async send() {
    const clients = [
      ...clientsOf(adapters.esm, managers.cjs),
      ...clientsOf(adapters.cjs, managers.esm),
    ];
    const responses = await Promise.all(clients.map((send) => send()));
    return responses.map(({ status }) => status);
  },
  /** Both copies on one instance. */
  async sendTwiceAttached() {
    const instance = axios.create({ validateStatus: () => true });
    adapters.esm.authenticateAxios(instance, managers.esm);
    adapters.cjs.authenticateAxios(instance, managers.cjs);
    return (await instance.get(markets)).status;
  },
  async errors() {
    const found = [];
    for (const copy of [esm, cjs]) {
      const error = await copy
        .createTokenManager({ ...options, apiSecret: () => '', store: copy.memoryStore() })
        .getToken()
        .catch((reason) => reason);
      found.push(esm.isTokenError(error), cjs.isTokenError(error));
    }
    return found;
  },
  /** Both hold a lock, each on a file of its own, until the program ends. */
  hold() {
    for (const [name, copy] of Object.entries({ esm, cjs }))
      void create(copy, `${options.tokenFile}-${name}`).getToken();
  },
  exit: () => process.exit(0),
};

const managers = { esm: create(esm), cjs: create(cjs) };
process.on('message', async ({ command, details }) => {
  process.send(
    await Promise.resolve(commands[command](details)).then(
      (result) => ({ result }),
      (error) => ({ failure: String(error) }),
    ),
  );
});
process.send({ result: 'ready' });
