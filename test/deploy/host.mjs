// A program as it runs in a container: prints in one line whether it fetched the token, or what failed, and stays.
import { createTokenManager, optionsFromEnv } from 'tt-token-manager';
import { redisStore } from 'tt-token-manager/redis';
import { createClient } from 'redis';

const { REDIS_URL } = process.env;
const client = REDIS_URL
  ? createClient({ url: REDIS_URL }).on('error', () => undefined)
  : undefined;
await client?.connect();
const seen = { pid: process.pid, uid: process.getuid(), fetched: 0, storeFailed: [] };
const store = client && redisStore({ client });
const manager = createTokenManager({ ...optionsFromEnv(), ...(store && { store }) });
manager.on('refreshed', () => (seen.fetched += 1));
manager.on('storeFailed', ({ code }) => seen.storeFailed.push(code));
await manager.getToken();
await manager.close();
client?.destroy();
console.log(JSON.stringify(seen));
