// One of many processes that ask at once: without a token, after it has expired, after it was refused, and by force.
import { setTimeout as delay } from 'node:timers/promises';
import { meet } from './meet.mjs';
import { seenBy } from './seen.mjs';
import { createTokenManager, optionsFromEnv } from 'tt-token-manager';

const { apiSecret, ...options } = optionsFromEnv();
let allHaveAsked;
const manager = createTokenManager({
  ...options,
  // The one that asks TT does so when all have called: no call comes too late to share.
  apiSecret: () => allHaveAsked.then(() => apiSecret),
  autoRefresh: false,
  refreshBufferMs: 0,
});
const tokens = [];

async function askTogether(name, options) {
  await meet(`${name}-ready`);
  const asked = manager.getToken(options);
  allHaveAsked = meet(`${name}-asked`);
  const token = await asked;
  await allHaveAsked;
  tokens.push(token.accessToken);
  return token;
}

const seen = await seenBy(manager, async () => {
  const { expiresAt } = await askTogether('empty');
  await delay(expiresAt - Date.now() + 100);
  const { accessToken } = await askTogether('expired');
  manager.invalidate(accessToken);
  await askTogether('refused');
  for (let round = 1; round <= 10; round++) {
    await askTogether(`forced-${round}`, { forceRefresh: true });
  }
});
console.log(JSON.stringify({ ...seen, tokens }));
