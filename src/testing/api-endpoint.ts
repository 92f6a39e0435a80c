import { createHash } from 'node:crypto';
import { gatewayReply, jsonReply, type Reply } from './gateway.js';
import type { ReplyMaker } from './replies.js';
import type { FakeTTRequest } from './request-log.js';
import { isExpired, type TokenLedger } from './token-ledger.js';

const markets = [
  { id: 1, name: 'FAKE-A' },
  { id: 2, name: 'FAKE-B' },
  { id: 3, name: 'FAKE-C' },
];

interface ApiRequestContext {
  readonly entry: FakeTTRequest;
  readonly requestIdProblem: string | undefined;
  readonly ledger: TokenLedger;
  /** The user's reply to this path. */
  readonly reply: ReplyMaker | undefined;
}

/** Answers an API request that the gateway has let pass. */
export async function answerApiRequest(context: ApiRequestContext): Promise<Reply> {
  const { entry, requestIdProblem, ledger, reply } = context;
  const { method, path, query, headers, body } = entry;
  if (method === 'GET' && headers['content-type'] !== undefined) return contentTypeRefusal(entry);
  if (requestIdProblem !== undefined) return gatewayReply(400, requestIdProblem);
  const [, , environment = ''] = path.split('/');
  const token = ledger.find(environment, entry.token ?? '');
  if (token === undefined) return gatewayReply(401);
  if (isExpired(token)) return gatewayReply(401, 'The incoming token has expired');

  if (reply) return await reply(entry);
  if (method === 'GET' && path === `/ttpds/${environment}/markets`) {
    return jsonReply(200, { status: 'Ok', markets });
  }
  const echo = { status: 'Ok', method, path, query, headers, body, tokenIndex: token.index };
  return jsonReply(200, echo);
}

/** The gateway's misleading answer to a GET with a Content-Type: it blames the Authorization header. */
function contentTypeRefusal({ headers }: FakeTTRequest): Reply {
  const hash = createHash('sha256').update(headers.authorization?.toString() ?? '');
  return gatewayReply(
    403,
    'Invalid key=value pair (missing equal-sign) in Authorization header ' +
      `(hashed with SHA-256 and encoded with Base64): '${hash.digest('base64')}'.`,
  );
}
