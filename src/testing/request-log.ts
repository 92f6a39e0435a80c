import type { IncomingMessage } from 'node:http';
import type { Reply } from './gateway.js';

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

const mostBytes = 32 * 1024 * 1024;

/** Reads the body to its end, whatever its size, so that the connection can be used again. */
export async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  let chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= mostBytes) chunks.push(chunk);
    else chunks = [];
  }
  return length <= mostBytes ? Buffer.concat(chunks) : undefined;
}

/** Creates the log's entry of a request, and a function that adds the answer to it. */
export function createLogEntry(
  { method = '', url = '', headers }: IncomingMessage,
  at: number,
  bytes: Buffer = Buffer.alloc(0),
) {
  const [path = '', query = ''] = url.split(/\?(.*)/s);
  let reply: Reply | undefined;
  const entry: FakeTTRequest = Object.freeze({
    at,
    method,
    path,
    query,
    url,
    headers: Object.freeze({ ...headers }),
    body: bytes.toString('utf8'),
    bytes,
    token: /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1],
    requestId: new URLSearchParams(query).get('requestId') ?? undefined,
    get status() {
      return reply?.status;
    },
    get accessToken() {
      return reply?.accessToken;
    },
  });
  return { entry, noteReply: (sent: Reply): void => void (reply = sent) };
}

// Spaces, and the characters that TT forbids in a requestId.
const forbidden = /[\s$&+,/:;=?@"<>#%{}|\\^~[\]`]/;
const shape = /^.+-.+--([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;

/**
 * Creates the check of request IDs, which returns why a request gets a 400, if it does. An ID counts as used
 * once it has arrived, even where its request is refused.
 */
export function createRequestIdCheck(): (query: string) => string | undefined {
  const seen = new Set<string>();
  return (query) => {
    const [requestId, ...more] = new URLSearchParams(query).getAll('requestId');
    if (!requestId) return 'requestId is missing';
    if (more.length > 0) return 'requestId is given more than once';
    if (forbidden.test(requestId)) return 'requestId holds a forbidden character';
    const guid = shape.exec(requestId)?.[1]?.toLowerCase();
    if (guid === undefined) return 'requestId is not of the form <app>-<company>--<guid>';
    if (seen.has(guid)) return 'requestId was used before';
    seen.add(guid);
    return undefined;
  };
}
