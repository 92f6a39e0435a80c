// A port on loopback for a program that cannot say which one it was given.
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Gives one that was free a moment ago. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
