// Opens a watch whose second connection gets no answer, and closes it; then it has to end by itself.
import { once } from 'node:events';
import { redisStore } from 'tt-token-manager/redis';
import { connect } from '../helpers/redis-connect.mjs';

const { redis, silentPort } = JSON.parse(process.argv[2]);
const { client, close } = await connect(redis);
const duplicate = client.duplicate.bind(client);
client.duplicate = () =>
  duplicate(
    redis.from.startsWith('ioredis')
      ? { port: silentPort }
      : { socket: { host: '127.0.0.1', port: silentPort } },
  );
const session = redisStore({ client }).open({
  environment: 'UAT',
  baseUrl: 'https://tt.example/',
  keyFingerprint: '0123456789abcdef',
});
session.watch().close();
const watch = session.watch();
await once(process.stdin, 'data'); // Its connection is accepted.
watch.close();
close();
process.stdin.destroy();
