import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A proxy on loopback that tunnels (CONNECT) and forwards, until the running test ends. */
export async function startForwardProxy(): Promise<{ url: string; seen: readonly string[] }> {
  const seen: string[] = [];
  const ends = new Set<Socket>();
  const server = createServer((incoming, answer) => {
    seen.push(`${incoming.method ?? ''} ${incoming.url ?? ''}`);
    const { method, headers } = incoming;
    const outgoing = request(incoming.url ?? '', { method, headers }, (reply) => {
      answer.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(answer);
    });
    incoming.pipe(outgoing);
  });
  server.on('connection', (socket: Socket) => ends.add(socket));
  server.on('connect', ({ url = '' }, near: Socket) => {
    seen.push(`CONNECT ${url}`);
    const { hostname, port } = new URL(`http://${url}`);
    const far = connect(Number(port), hostname, () => near.write('HTTP/1.1 200 OK\r\n\r\n'));
    ends.add(far);
    near.on('error', () => undefined).pipe(far);
    far.on('error', () => undefined).pipe(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    for (const end of ends) end.destroy();
    server.close();
    await once(server, 'close');
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}
