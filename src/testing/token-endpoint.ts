import type { TokenFault } from './faults.js';
import { tokenEnvironment } from './paths.js';
import { gatewayReply, jsonReply } from './replies.js';
import type { Answer, Reply } from './replies.js';
import type { FakeTTRequest } from './request-log.js';
import type { Credentials, ResolvedSettings } from './settings.js';
import type { TokenLedger } from './token-ledger.js';

const HTML_PAGE = '<!doctype html><html><body><h1>Down for maintenance</h1></body></html>';
const FORM_TYPE = /^application\/x-www-form-urlencoded\s*(?:;|$)/i;
const JSON_WELCOME = /(?:^|,)\s*(?:application\/json|application\/\*|\*\/\*)\s*(?:;|,|$)/i;

interface TokenRequestContext {
  readonly entry: FakeTTRequest;
  readonly requestIdProblem: string | undefined;
  readonly fault: Reply | TokenFault | undefined;
  readonly credentials: Credentials;
  readonly settings: ResolvedSettings;
  readonly ledger: TokenLedger;
}

/** What is wrong with the request, checked in the order of the wire: target, headers, query, body. */
function findRefusal(context: TokenRequestContext): Reply | undefined {
  const { entry, requestIdProblem, credentials, settings } = context;
  const { method, headers } = entry;
  if (method !== 'POST' || headers['x-api-key'] !== credentials.apiKey) return gatewayReply(403);
  if (!JSON_WELCOME.test(headers.accept?.toString() ?? '*/*')) return gatewayReply(406);
  if (requestIdProblem !== undefined) return gatewayReply(400, requestIdProblem);
  if (!FORM_TYPE.test(headers['content-type']?.toString() ?? '')) return gatewayReply(415);

  const form = new URLSearchParams(entry.body);
  if (form.get('grant_type') !== 'user_app') return gatewayReply(400, 'grant_type is not user_app');
  const appKey = form.get('app_key');
  if (!appKey) return gatewayReply(400, 'app_key is missing');
  if (appKey === `${credentials.apiKey}:${credentials.apiSecret}`) return undefined;
  return settings.secretRefusal === 'status401'
    ? gatewayReply(401)
    : jsonReply(200, { status: 'Fail', status_message: 'app_key is not valid' });
}

function issueToken(environment: string, context: TokenRequestContext): Reply {
  const { ledger, settings } = context;
  const isExpired = context.fault === 'expired';
  const held = settings.sameToken && !isExpired ? ledger.findValid(environment) : undefined;
  if (held === undefined && settings.revokesOlder) ledger.revokeAll(environment);
  const lifetimeSeconds = isExpired ? 0 : settings.tokenLifetimeSeconds;
  const { accessToken, expiresAt } = held ?? ledger.issue(environment, lifetimeSeconds);
  const seconds = held === undefined ? lifetimeSeconds : (expiresAt - Date.now()) / 1000;
  const reply = jsonReply(200, {
    status: 'Ok',
    access_token: accessToken,
    token_type: 'bearer',
    seconds_until_expiry: settings.lifetimeAsString ? String(seconds) : seconds,
  });
  return { ...reply, accessToken, cut: context.fault === 'truncate' };
}

export function answerTokenRequest(context: TokenRequestContext): Answer {
  const { entry, fault } = context;
  if (typeof fault === 'object' || fault === 'hang' || fault === 'reset') return fault;
  if (fault === 'html') {
    return { status: 200, headers: { 'content-type': 'text/html' }, body: HTML_PAGE };
  }
  if (fault === 'empty') return { status: 200, headers: {}, body: '' };

  const environment = tokenEnvironment(entry.path);
  if (environment === undefined) return gatewayReply(403);
  return findRefusal(context) ?? issueToken(environment, context);
}
