// Has no file descriptors left at the first refresh, and some again before the next one. Without a server: that
// would take descriptors too.
import { closeSync, openSync } from 'node:fs';

const [tokenFile, entry] = process.argv.slice(2);
const { createTokenManager } = await import(entry);
let issued = 0;
const manager = createTokenManager({
  apiKey: 'key',
  apiSecret: 'secret',
  appName: 'no-descriptors',
  companyName: 'Tests',
  tokenFile,
  autoRefresh: false,
  fetch: async () => ({
    status: 200,
    url: '',
    headers: { get: () => null },
    text: async () => JSON.stringify(replyWith(`token-${++issued}`)),
  }),
});
const failures = [];
manager.on('storeFailed', ({ operation, code }) => failures.push(`${operation}: ${code}`));

const taken = [];
try {
  for (;;) taken.push(openSync('/dev/null'));
} catch {
  // Now there are none.
}
const first = await manager.getToken();
taken.forEach((descriptor) => closeSync(descriptor));
const failuresAtFirst = failures.splice(0);
const second = await manager.getToken({ forceRefresh: true });
console.log(
  JSON.stringify({
    tokens: [first.accessToken, second.accessToken],
    failuresAtFirst,
    failuresAtSecond: failures,
  }),
);

function replyWith(accessToken) {
  return { status: 'Ok', access_token: accessToken, seconds_until_expiry: 3_600 };
}
