import { earlyAnswer, spoiltBy, type TokenFault } from './faults.js';
import { environmentOf, gatewayReply, jsonReply, type Answer, type Reply } from './gateway.js';
import type { FakeTTRequest } from './request-log.js';
import type { Credentials, Settings } from './settings.js';
import type { TokenLedger } from './token-ledger.js';

const formType = /^application\/x-www-form-urlencoded\s*(?:;|$)/i;
const jsonWelcome = /(?:^|,)\s*(?:application\/json|application\/\*|\*\/\*)\s*(?:;|,|$)/i;

interface TokenRequestContext {
  readonly entry: FakeTTRequest;
  readonly requestIdProblem: string | undefined;
  readonly fault: Reply | TokenFault | undefined;
  /** The gateway's refusal. */
  readonly refusal: Reply | undefined;
  readonly credentials: Credentials;
  readonly settings: Settings;
  readonly ledger: TokenLedger;
}

export function answerTokenRequest(context: TokenRequestContext): Answer {
  const { entry, fault, refusal } = context;
  return (
    earlyAnswer(fault) ??
    refusal ??
    findRefusal(context) ??
    spoiltBy(fault, issueToken(environmentOf(entry.path) ?? '', context))
  );
}

/** What is wrong with the request, checked in the order of the wire: method, headers, query, body. */
function findRefusal(context: TokenRequestContext): Reply | undefined {
  const { entry, requestIdProblem, credentials, settings } = context;
  const { method, headers } = entry;
  if (method !== 'POST') return gatewayReply(403);
  if (!jsonWelcome.test(headers.accept?.toString() ?? '*/*')) return gatewayReply(406);
  if (requestIdProblem !== undefined) return gatewayReply(400, requestIdProblem);
  if (!formType.test(headers['content-type']?.toString() ?? '')) return gatewayReply(415);

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
  const { ledger, settings, fault } = context;
  const isExpired = fault === 'expired';
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
  return { ...reply, accessToken };
}
