// Goes through the life of many managers and clients twice, and tells what was there before, during and after.
import { createHook } from 'node:async_hooks';
import { getEventListeners } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { Agent } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { inspect } from 'node:util';
import axios from 'axios';
import ky from 'ky';
import { createTokenManager, optionsFromEnv } from 'tt-token-manager';
import { authenticateAxios } from 'tt-token-manager/axios';
import { authenticateFetch } from 'tt-token-manager/fetch';
import { authenticateKy } from 'tt-token-manager/ky';

const folder = process.argv[2];
const count = 20;
const { baseUrl, ...given } = optionsFromEnv();
const markets = `${baseUrl}/ttpds/ext_uat_cert/markets`;

/** Timers and watches that the package or proper-lockfile has made and not ended. */
const ours = new Map();
Error.stackTraceLimit = 100;
createHook({
  init(id, type) {
    if (!['Timeout', 'Immediate', 'FSEVENTWRAP'].includes(type)) return;
    const [, , ...frames] = new Error(type).stack.split('\n');
    const caller = frames.find((frame) => !/node:(internal\/)?(async_hooks|timers|fs)/.test(frame));
    if (/\/(dist|proper-lockfile)\//.test(caller)) ours.set(id, type);
  },
  destroy: (id) => void ours.delete(id),
}).enable();

const { signal } = new globalThis.AbortController();
const httpAgent = new Agent();
const instances = ['http', 'fetch'].map((adapter) => axios.create({ adapter, httpAgent }));
const kyBefore = inspect(ky, { depth: 5, showHidden: true });

function openFiles() {
  const links = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return ''; // the folder itself
    }
  });
  return links.filter((link) => link !== '' && !/^(socket|pipe):/.test(link)).sort();
}

async function look() {
  for (let turns = 0; turns < 5; turns++) await turn();
  return {
    listeners: Object.fromEntries(
      process.eventNames().map((name) => [String(name), process.listenerCount(name)]),
    ),
    onSignal: getEventListeners(signal, 'abort').length,
    onInstances: instances.map(({ interceptors: { request, response }, defaults }) => [
      [request, response].map(({ handlers }) => handlers.filter(Boolean).length),
      inspect(defaults, { depth: 5 }),
    ]),
    ky: inspect(ky, { depth: 5, showHidden: true }) === kyBefore,
    ours: [...ours.values()].sort(),
    keepAlive: process.getActiveResourcesInfo().filter((name) => !/^(Pipe|TTY|TCP)/.test(name)),
    openFiles: openFiles(),
  };
}

/** A fetch that waits until all token requests of a round are there. */
function gate(expected) {
  let open;
  let arrived;
  let requests = 0;
  const opened = new Promise((resolve) => (open = resolve));
  const full = new Promise((resolve) => (arrived = resolve));
  return {
    open,
    full,
    async fetch(...request) {
      if (++requests === expected) arrived();
      await opened;
      return globalThis.fetch(...request);
    },
  };
}

async function round(name) {
  const { open, full, fetch } = gate(1 + count);
  const create = (file) =>
    createTokenManager({ ...given, baseUrl, fetch, tokenFile: `${folder}/${name}-${file}.json` });
  const managers = [
    ...Array.from({ length: count }, () => create('shared')),
    ...Array.from({ length: count }, (_, index) => create(`own-${index}`)),
  ];
  const unsubscribe = managers.flatMap((manager) => [
    manager.on('refreshed', () => undefined),
    manager.on('adopted', () => undefined),
  ]);
  const calls = managers.flatMap((manager) => [
    manager.getToken({ signal }),
    manager.authorize(markets, { signal }),
  ]);
  await full;
  const during = await look();
  open();
  await Promise.all(calls);

  const [manager] = managers;
  const detach = instances.map((instance) => authenticateAxios(instance, manager));
  const clients = [
    ...instances.map((instance) => (options) => instance.get(markets, options)),
    // Without the signal: Node's own fetch leaves its listeners there.
    () => authenticateFetch(globalThis.fetch, manager)(markets),
    (options) => authenticateKy(ky, manager)(markets, options),
  ];
  const send = () =>
    Promise.all(
      clients.flatMap((client) =>
        Array.from({ length: 5 }, async () => {
          const response = await client({ signal });
          await response.text?.();
          if (response.status !== 200) throw new Error(`answered ${response.status}`);
        }),
      ),
    );
  await send();
  manager.invalidate((await manager.getToken()).accessToken);
  await send();
  await Promise.all(managers.map((one) => one.getToken({ forceRefresh: true, signal })));
  await Promise.all(managers.map((one) => one.status()));
  for (const undo of [...unsubscribe, ...detach]) undo();
  await Promise.all(managers.map((one) => one.close()));
  return during;
}

const before = await look();
const during = await round('first');
const first = await look();
await round('second');
const second = await look();
httpAgent.destroy();
console.log(JSON.stringify({ before, during, first, second }));
