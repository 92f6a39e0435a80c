// Connects one of the four clients that the Redis store is for; worker processes use it as well as tests.
import { once } from 'node:events';
import { createRequire } from 'node:module';

export const clientPackages = ['redis', 'redis-oldest', 'ioredis', 'ioredis-oldest'];

const require = createRequire(import.meta.url);

/** Creates a client, and lets it connect. */
export function begin({ from, ...options }) {
  const create = from.startsWith('ioredis') ? ioRedis : nodeRedis;
  const client = create(require(from), { host: '127.0.0.1', ...options });
  client.on('error', () => undefined);
  const ready = once(client, 'ready').catch(() => undefined);
  const isConnecting = client.status === 'connecting';
  const connected = isConnecting ? ready : client.connect().catch(() => undefined);
  return {
    client,
    connecting: Promise.race([ready, connected]),
    close: () => (client.destroy ?? client.disconnect).call(client),
  };
}

/** Resolves when the client is ready, or has failed for the first time; it goes on trying then. */
export async function connect(options) {
  const { client, connecting, close } = begin(options);
  await connecting;
  return { client, close };
}

function nodeRedis({ createClient, createCluster }, { host, port, isCluster, ...options }) {
  if (isCluster) return createCluster({ rootNodes: [{ socket: { host, port } }] });
  const { offlineQueue = true, db: database, protocol: RESP, ...credentials } = options;
  const further = { database, disableOfflineQueue: !offlineQueue, ...(RESP && { RESP }) };
  return createClient({ socket: { host, port }, ...further, ...credentials });
}

function ioRedis({ default: Redis }, { host, port, isCluster, ...options }) {
  if (isCluster) return new Redis.Cluster([{ host, port }], { lazyConnect: true });
  const { offlineQueue: enableOfflineQueue = true, clientPrefix: keyPrefix, ...further } = options;
  return new Redis({ host, port, enableOfflineQueue, keyPrefix, ...further });
}
