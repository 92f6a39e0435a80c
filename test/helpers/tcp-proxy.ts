import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A wire to a port of this machine that the test can cut. */
export interface TcpProxy {
  readonly port: number;
  /** Holds back everything, in both directions, without a word to either end. */
  cut(): void;
  /** Lets it through again; what was held back arrives late. */
  mend(): void;
  /** Resolves when somebody has connected. */
  connected(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a {@link TcpProxy} in front of a port. */
export async function startProxy(target: number): Promise<TcpProxy> {
  const ends = new Set<Socket>();
  let isCut = false;

  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    join(near, far);
    join(far, near);
  });

  function join(from: Socket, to: Socket): void {
    ends.add(from);
    from.on('data', (data) => to.write(data));
    from.on('error', () => undefined);
    from.on('close', () => {
      ends.delete(from);
      to.destroy();
    });
    if (isCut) from.pause();
  }

  const connected = once(server, 'connection');
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      isCut = true;
      for (const end of ends) end.pause();
    },
    mend() {
      isCut = false;
      for (const end of ends) end.resume();
    },
    async connected() {
      await connected;
    },
    async close() {
      for (const end of ends) end.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
