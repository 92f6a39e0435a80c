// A proxy on loopback: it tunnels what clients CONNECT to, and forwards what they ask for by a whole URL.
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { connect } from 'node:net';

export async function startProxy() {
  let passed = 0;
  const server = createServer((incoming, answer) => {
    passed++;
    const { method, headers } = incoming;
    const outgoing = request(incoming.url, { method, headers }, (reply) => {
      answer.writeHead(reply.statusCode, reply.headers);
      reply.pipe(answer);
    });
    incoming.pipe(outgoing);
  });
  server.on('connect', ({ url }, near) => {
    passed++;
    const { hostname, port } = new URL(`http://${url}`);
    const far = connect(port, hostname, () => near.write('HTTP/1.1 200 OK\r\n\r\n'));
    near.on('error', () => far.destroy()).pipe(far);
    far.on('error', () => near.destroy()).pipe(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    passed: () => passed,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
