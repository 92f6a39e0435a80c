import type { IncomingMessage } from 'node:http';
import type { Reply } from './replies.js';

const BODY_LIMIT_BYTES = 32 * 1024 * 1024;

/** One request as the stand-in received it: frozen, but for `status` and `accessToken`, which appear with the answer. */
export interface FakeTTRequest {
  /** When its headers arrived, in epoch milliseconds. */
  readonly at: number;
  /** The HTTP method, in capitals. */
  readonly method: string;
  /** The path as sent, still percent-encoded. */
  readonly path: string;
  /** The query as sent, without the question mark; empty when there was none. */
  readonly query: string;
  /** The request target as sent: path and query. */
  readonly url: string;
  /** The headers, their names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The body read as UTF-8. */
  readonly body: string;
  /** The body, byte for byte; empty when it was over 32 MiB, which is answered 413. */
  readonly bytes: Buffer;
  /** The bearer token that it carried, if any. */
  readonly token: string | undefined;
  /** The first `requestId` of its query, decoded, if any. */
  readonly requestId: string | undefined;
  /** The status answered; undefined until then, and for ever after a `hang`, a `reset` or `close()`. */
  readonly status: number | undefined;
  /** The token issued in answer, if any. */
  readonly accessToken: string | undefined;
}

export interface LoggedRequest {
  readonly entry: FakeTTRequest;
  /** Makes the answer show in the entry. */
  readonly noteReply: (reply: Reply) => void;
}

/** Reads the body to its end, whatever its size, so that the connection can be used again. */
export async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  let chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= BODY_LIMIT_BYTES) chunks.push(chunk);
    else chunks = [];
  }
  return length <= BODY_LIMIT_BYTES ? Buffer.concat(chunks) : undefined;
}

export function splitTarget(target: string): { path: string; query: string } {
  const mark = target.indexOf('?');
  if (mark === -1) return { path: target, query: '' };
  return { path: target.slice(0, mark), query: target.slice(mark + 1) };
}

export function createLoggedRequest(
  request: IncomingMessage,
  received: { at: number; bytes: Buffer | undefined; requestId: string | undefined },
): LoggedRequest {
  const { at, requestId } = received;
  const bytes = received.bytes ?? Buffer.alloc(0);
  const { method = '', url = '', headers } = request;
  let reply: Reply | undefined;

  const entry: FakeTTRequest = Object.freeze({
    at,
    method,
    ...splitTarget(url),
    url,
    headers: Object.freeze({ ...headers }),
    body: bytes.toString('utf8'),
    bytes,
    token: /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1],
    requestId,
    get status() {
      return reply?.status;
    },
    get accessToken() {
      return reply?.accessToken;
    },
  });
  return {
    entry,
    noteReply(sent) {
      reply = sent;
    },
  };
}
