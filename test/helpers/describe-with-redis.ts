import { describe } from 'vitest';
import { isFull } from './full.js';
import { clientPackages } from './redis-connect.mjs';
import { isRedisInstalled } from './redis-installed.js';

const missing = 'the tests over Redis need a redis-server (apt-get install redis-server)';
if (!isRedisInstalled) {
  if (process.env.CI === 'true') throw new Error(missing);
  console.warn(`skipped: ${missing}`);
}

/** `describe`; where there is no redis-server it is skipped with one line, and fails in CI. */
export const describeWithRedis = describe.skipIf(!isRedisInstalled);

/** The clients that a test is repeated with; processes/redis.test.ts has the oldest ones in `npm test` too. */
export const testedClients = isFull
  ? clientPackages
  : clientPackages.filter((name) => !name.endsWith('-oldest'));
