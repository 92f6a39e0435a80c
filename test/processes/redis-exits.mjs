// Waits for a token behind another's lease; told so, it closes what it has opened and has to end by itself.
import { once } from 'node:events';
import { createTokenManager } from 'tt-token-manager';
import { redisStore } from 'tt-token-manager/redis';
import { connect } from '../helpers/redis-connect.mjs';

const { options, redis } = JSON.parse(process.argv[2]);
const { client, close } = await connect(redis);
const manager = createTokenManager({ ...options, store: redisStore({ client }) });
const waiting = manager.getToken().catch((error) => error.code);
await once(process.stdin, 'data');
await manager.close();
close();
console.log(await waiting);
