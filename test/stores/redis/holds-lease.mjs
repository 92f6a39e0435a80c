// Takes the lease of an identity, says so, and stays.
import { redisStore } from 'tt-token-manager/redis';
import { connect } from '../../helpers/redis-connect.mjs';

const { redis, keyPrefix, identity } = JSON.parse(process.argv[2]);
const { client } = await connect(redis);
await redisStore({ client, keyPrefix }).open(identity).acquire();
process.send('held');
