import { createHash } from 'node:crypto';
import { apiEnvironment } from './paths.js';
import { gatewayReply, jsonReply } from './replies.js';
import type { Reply } from './replies.js';
import type { FakeTTRequest } from './request-log.js';
import type { Credentials } from './settings.js';
import { isExpired } from './token-ledger.js';
import type { TokenLedger } from './token-ledger.js';

const MARKETS = [
  { id: 1, name: 'FAKE-A' },
  { id: 2, name: 'FAKE-B' },
  { id: 3, name: 'FAKE-C' },
];

interface ApiRequestContext {
  readonly entry: FakeTTRequest;
  readonly requestIdProblem: string | undefined;
  readonly credentials: Credentials;
  readonly ledger: TokenLedger;
}

/** The gateway's misleading answer to a GET with a Content-Type: it blames the Authorization header. */
function contentTypeRefusal(entry: FakeTTRequest): Reply {
  const hash = createHash('sha256').update(entry.headers.authorization?.toString() ?? '');
  return gatewayReply(
    403,
    'Invalid key=value pair (missing equal-sign) in Authorization header ' +
      `(hashed with SHA-256 and encoded with Base64): '${hash.digest('base64')}'.`,
  );
}

export function answerApiRequest(context: ApiRequestContext): Reply {
  const { entry, requestIdProblem, credentials, ledger } = context;
  const { method, path, query, headers, body } = entry;

  const environment = apiEnvironment(path);
  if (environment === undefined) return gatewayReply(403);
  if (headers['x-api-key'] !== credentials.apiKey) return gatewayReply(403);
  if (method === 'GET' && headers['content-type'] !== undefined) return contentTypeRefusal(entry);
  if (requestIdProblem !== undefined) return gatewayReply(400, requestIdProblem);
  const token = ledger.find(environment, entry.token ?? '');
  if (token === undefined) return gatewayReply(401);
  if (isExpired(token)) return gatewayReply(401, 'The incoming token has expired');

  if (method === 'GET' && path === `/ttpds/${environment}/markets`) {
    return jsonReply(200, { status: 'Ok', markets: MARKETS });
  }
  const echo = { status: 'Ok', method, path, query, headers, body, tokenIndex: token.index };
  return jsonReply(200, echo);
}
