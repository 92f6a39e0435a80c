// One worker of the demo's application: many callers that poll the API with axios, ky and fetch, and one token manager
// for all of them. Plain JavaScript, so that five of them start fast; what it tells is typed in journal.ts.
import axios from 'axios';
import ky from 'ky';
import { setTimeout as pause } from 'node:timers/promises';
import { createTokenManager, optionsFromEnv } from 'tt-token-manager';
import { authenticateAxios } from 'tt-token-manager/axios';
import { authenticateFetch } from 'tt-token-manager/fetch';
import { authenticateKy } from 'tt-token-manager/ky';

const pauseMs = 300;
/** The stand-in answers in 100 ms: a call that took longer than this has waited for a token. */
const lateMs = 250;
const callersPerClient = Number(process.argv[2]);
const options = optionsFromEnv();
const manager = createTokenManager(options);

const axiosClient = axios.create();
authenticateAxios(axiosClient, manager);
const kyClient = authenticateKy(ky.create({ retry: 0 }), manager); // no try of ky's own that could hide a failure
const fetchClient = authenticateFetch(globalThis.fetch, manager);

/** A call with each client; all of them throw if the answer is no success. */
const clients = {
  axios: (url) => axiosClient.get(url),
  ky: (url) => kyClient.get(url).json(),
  async fetch(url) {
    const response = await fetchClient(url);
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`the API answered ${response.status}`);
  },
};

function tell(event) {
  if (process.connected) process.send(event);
}

const kinds = ['refreshed', 'adopted', 'refreshFailed', 'rejected', 'storeFailed', 'lockTakenOver'];
for (const kind of kinds) manager.on(kind, (event) => tell({ kind, ...event }));

let isStopping = false;
process.once('message', () => (isStopping = true));
process.once('disconnect', () => {
  if (!isStopping) process.exit(1); // the demo is gone
});

async function keepCalling(client, caller) {
  const url = `${options.baseUrl}/ttledger/ext_uat_cert/orders?client=${client}&caller=${caller}`;
  while (!isStopping) {
    const startedAt = Date.now();
    await clients[client](url).catch(({ message }) => tell({ kind: 'callFailed', message }));
    const endedAt = Date.now();
    if (endedAt - startedAt > lateMs) tell({ kind: 'answeredLate', startedAt, endedAt });
    await pause(pauseMs * (0.5 + Math.random()));
  }
}

await Promise.all(
  Object.keys(clients).flatMap((client) =>
    Array.from({ length: callersPerClient }, (_, caller) => keepCalling(client, caller)),
  ),
);
// Neither close() nor exit(): a process that has nothing left to do ends by itself, manager or not. A refresh that is
// under way is told of before.
process.channel?.unref();
