// One worker of the demo's application: many callers that poll the API, one token manager for all of them.
// Plain JavaScript, so that five of them start fast; what it tells is typed in messages.ts.
import { setTimeout as pause } from 'node:timers/promises';
import { URL } from 'node:url';
import { createTokenManager, optionsFromEnv } from 'tt-token-manager';
import { createWaits } from './waits.mjs';

const callers = Number(process.env.DEMO_CALLERS);
const pauseMs = Number(process.env.DEMO_PAUSE_MS);

function tell(event) {
  if (process.connected) process.send(event);
}

const options = optionsFromEnv();
const manager = createTokenManager(options);
for (const kind of [
  'refreshed',
  'adopted',
  'refreshFailed',
  'rejected',
  'storeFailed',
  'lockTakenOver',
]) {
  manager.on(kind, (event) => tell({ kind, ...event }));
}
const timed = createWaits(tell);

let isStopping = false;
process.once('message', () => (isStopping = true));
process.once('disconnect', () => {
  if (!isStopping) process.exit(1); // the demo is gone
});

async function callApi(caller) {
  const url = new URL(`/ttledger/ext_uat_cert/orders?caller=${caller}`, options.baseUrl);
  const call = await timed(manager.authorize(url));
  url.searchParams.set('requestId', call.requestId);
  const response = await globalThis.fetch(url, { headers: call.headers });
  await response.arrayBuffer();
  if (response.status === 401) manager.invalidate(call.accessToken);
  if (!response.ok) throw new Error(`the API answered ${response.status}`);
}

async function keepCalling(caller) {
  while (!isStopping) {
    await callApi(caller).catch(({ message }) => tell({ kind: 'callFailed', message }));
    await pause(pauseMs * (0.5 + Math.random()));
  }
}

await Promise.all(Array.from({ length: callers }, (_, caller) => keepCalling(caller)));
// Neither close() nor exit(): a process that has nothing left to do ends by itself, manager or not.
process.disconnect();
