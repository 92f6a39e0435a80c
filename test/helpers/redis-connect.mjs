// Connects one of the four clients that the Redis store is for; worker processes use it as well as tests.
import { once } from 'node:events';

export const clientPackages = ['redis', 'redis-oldest', 'ioredis', 'ioredis-oldest'];

/** Resolves when the client is ready, or has failed for the first time; it goes on trying then. */
export async function connect({ from, port, isCluster = false, ...credentials }) {
  const library = await import(from);
  const host = '127.0.0.1';
  const client = from.startsWith('ioredis')
    ? ioRedis(library, { host, port, isCluster, ...credentials })
    : nodeRedis(library, { host, port, isCluster, ...credentials });
  client.on('error', () => undefined);
  const settled = once(client, 'ready').catch(() => undefined);
  const isConnecting = client.status === 'connecting';
  const connected = isConnecting ? settled : client.connect().catch(() => undefined);
  await Promise.race([settled, connected]);
  return { client, close: () => (client.destroy ?? client.disconnect).call(client) };
}

function nodeRedis({ createClient, createCluster }, { host, port, isCluster, ...credentials }) {
  if (isCluster) return createCluster({ rootNodes: [{ socket: { host, port } }] });
  return createClient({ socket: { host, port }, ...credentials });
}

function ioRedis({ default: Redis }, { host, port, isCluster, ...credentials }) {
  if (isCluster) return new Redis.Cluster([{ host, port }], { lazyConnect: true });
  return new Redis({ host, port, ...credentials });
}
