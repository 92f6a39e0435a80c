// Tells, step by step, what importing and using the package changes in the program.
import { createRequire } from 'node:module';
import { difference, settle, takeSnapshot } from './snapshot.mjs';

const require = createRequire(import.meta.url);
const subpaths = [
  '',
  '/testing',
  '/fetch',
  '/ky',
  '/axios',
  '/redis',
  '/keyring',
  '/opentelemetry',
];
const steps = {};

function lookAround() {
  return {
    objects: takeSnapshot(),
    listeners: process.eventNames().map((name) => `${String(name)} ${process.listenerCount(name)}`),
    environment: { ...process.env },
    workingDirectory: process.cwd(),
  };
}

await settle();
let before = lookAround();
async function step(name, take) {
  const result = await take();
  const after = lookAround();
  steps[name] = difference(before.objects, after.objects);
  for (const part of ['listeners', 'environment', 'workingDirectory']) {
    if (JSON.stringify(before[part]) !== JSON.stringify(after[part])) steps[name].push(part);
  }
  before = after;
  return result;
}

for (const subpath of subpaths) {
  await step(`import${subpath}`, () => import(`tt-token-manager${subpath}`));
  await step(`require${subpath}`, () => require(`tt-token-manager${subpath}`));
}

const { createTokenManager, memoryStore } = require('tt-token-manager');
const options = {
  apiKey: 'a-key',
  apiSecret: 'a-secret',
  appName: 'Host',
  companyName: 'Tests',
  // Not Node's own: its first request changes a global.
  fetch: async () =>
    globalThis.Response.json({ status: 'Ok', access_token: 'a-token', seconds_until_expiry: 60 }),
};
const inMemory = createTokenManager({ ...options, store: memoryStore() });
await step('a refresh in memory', () => inMemory.getToken());
await step('its end', () => inMemory.close());
const inFile = createTokenManager({ ...options, tokenFile: process.argv[2] });
await step('the first refresh in a file', () => inFile.getToken());
await step('the second', () => inFile.getToken({ forceRefresh: true }));
await step('the end', () => inFile.close());
console.log(JSON.stringify(steps));
