import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';

/** A whole answer. */
export interface Answer {
  readonly status: number;
  readonly reason: string | undefined;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
  readonly encoding: keyof typeof encoders;
  /** Whether it has a Content-Length; otherwise it comes in chunks. */
  readonly hasLength: boolean;
}

/** What becomes of a request in the end; `stuck` is the beginning of an answer, and then nothing. */
export type Ending =
  Answer | 'reset' | 'hang-up' | 'no-http' | 'cut-off' | 'cut-off-chunked' | 'silent' | 'stuck';

/** What the servers do with one call. */
export interface Plan {
  /** The redirects before the ending; `{own}`, `{sibling}` and `{foreign}` in a location are origins. */
  readonly hops: readonly { readonly status: number; readonly location: string | undefined }[];
  /** Whether the last redirect is answered for ever. */
  readonly goesRound: boolean;
  readonly ending: Ending;
}

/** A request as it came. */
export interface Arrival {
  readonly host: Host;
  readonly method: string;
  /** Path and query as sent. */
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

const hosts = ['own', 'sibling', 'foreign', 'silent'] as const;
type Host = (typeof hosts)[number];

/** A server on four origins: one for most calls, two to be redirected to, and one that never answers. */
export interface EchoServer {
  readonly origins: Readonly<Record<Host, string>>;
  /** Begins a new call. The list fills with what arrives; `onStuck` is called when nothing more will come back. */
  play(plan: Plan, onStuck: () => void): Arrival[];
  close(): Promise<void>;
}

const encoders = {
  none: (bytes: Buffer) => bytes,
  gzip: gzipSync,
  deflate: deflateSync,
  br: brotliCompressSync,
} as const;

/** Starts the server on free ports of 127.0.0.1. */
export async function startEchoServer(): Promise<EchoServer> {
  let call: { plan: Plan; arrivals: Arrival[]; onStuck: () => void };
  const servers = hosts.map((host) => {
    const server = createServer((request, response) => {
      // A client that goes away in the middle of its body has not arrived.
      if (host !== 'silent') receive(host, request, response).catch(() => response.destroy());
    });
    // No idle connection may end just when the next call takes it.
    server.keepAliveTimeout = 60_000;
    return server;
  });
  for (const server of servers)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origins = Object.fromEntries(
    servers.map((server, index) => [
      hosts[index],
      `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ]),
  ) as Record<Host, string>;

  async function receive(
    host: Host,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const { plan, arrivals, onStuck } = call;
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const { method = '', url: target = '', rawHeaders } = request;
    const headers = rawHeaders.flatMap((name, index) =>
      index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? ''] as const] : [],
    );
    const body = Buffer.concat(chunks).toString('latin1');
    arrivals.push({ host, method, target, headers, body });
    const hop = plan.hops[arrivals.length - 1] ?? (plan.goesRound ? plan.hops.at(-1) : undefined);
    if (hop) redirect(response, hop);
    else end(response, plan.ending, onStuck);
  }

  function redirect(response: ServerResponse, { status, location }: Plan['hops'][number]): void {
    const absolute = location?.replace(/\{(\w+)\}/, (_, host: Host) => origins[host]);
    // As servers do it: UTF-8, not encoded any further.
    const bytes = absolute && Buffer.from(absolute).toString('latin1');
    response.writeHead(status, bytes === undefined ? {} : { location: bytes }).end('moved');
  }

  return {
    origins,
    play(plan, onStuck) {
      const arrivals: Arrival[] = [];
      call = { plan, arrivals, onStuck };
      return arrivals;
    },
    async close() {
      for (const server of servers) {
        const closed = new Promise((resolve) => server.close(resolve));
        server.closeAllConnections();
        await closed;
      }
    },
  };
}

function end(response: ServerResponse, ending: Ending, onStuck: () => void): void {
  const begin = (headers: Record<string, number>, whenSent: () => void): void => {
    response.writeHead(200, { 'content-type': 'text/plain', ...headers });
    response.write('the beginning', whenSent);
  };
  switch (ending) {
    case 'reset':
      response.socket?.resetAndDestroy();
      break;
    case 'hang-up':
      response.socket?.destroy();
      break;
    case 'no-http':
      response.socket?.end('this is not HTTP\r\n\r\n');
      break;
    case 'cut-off':
      begin({ 'content-length': 100 }, () => response.destroy());
      break;
    case 'cut-off-chunked':
      begin({}, () => response.destroy());
      break;
    case 'silent':
      onStuck();
      break;
    case 'stuck':
      begin({}, onStuck);
      break;
    default:
      answer(response, ending);
  }
}

function answer(
  response: ServerResponse,
  { status, reason, headers, body, encoding, hasLength }: Answer,
): void {
  const bytes = encoders[encoding](Buffer.from(body));
  for (const [name, value] of headers) response.appendHeader(name, value);
  if (encoding !== 'none') response.setHeader('content-encoding', encoding);
  if (hasLength) response.setHeader('content-length', bytes.length);
  if (reason === undefined) response.writeHead(status);
  else response.writeHead(status, reason);
  if (!hasLength) response.write(bytes.subarray(0, 1));
  response.end(hasLength ? bytes : bytes.subarray(1));
}
