import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

/** A proxy on this machine that makes tunnels and wants a password. */
export interface ConnectProxy {
  /** Its URL, with the user and the password that it wants. */
  readonly url: string;
  /** What was asked of it, `<method> <target> <status>` each; a live array. */
  readonly log: readonly string[];
  close(): Promise<void>;
}

/** Starts a {@link ConnectProxy} whose tunnels all lead to one port of this machine, whatever their target. */
export async function startConnectProxy(port: number): Promise<ConnectProxy> {
  const log: string[] = [];
  const sockets = new Set<Socket>();
  const wanted = `Basic ${Buffer.from('trader:pass word').toString('base64')}`;

  const server = createServer((request, response) => {
    log.push(`${request.method} ${request.url} 405`);
    response.writeHead(405).end();
  });
  server.on('connection', (socket) => sockets.add(socket.on('error', () => undefined)));
  server.on('connect', (request, near: Socket) => {
    if (request.headers['proxy-authorization'] !== wanted) {
      log.push(`CONNECT ${request.url} 407`);
      near.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n');
      return;
    }
    log.push(`CONNECT ${request.url} 200`);
    const far = connect(port, '127.0.0.1', () => near.write('HTTP/1.1 200 OK\r\n\r\n'));
    sockets.add(far.on('error', () => undefined));
    far.pipe(near).pipe(far);
  });

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://trader:pass%20word@127.0.0.1:${(server.address() as AddressInfo).port}`,
    log,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
