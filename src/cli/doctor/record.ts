import { isUnexpired, isUsable, type Token } from '../../base/token.js';
import { storeIdentity } from '../../options/options.js';
import { readRecord, restMs, whyNoToken, type StoredFailure } from '../../records/record.js';
import type { StoreIdentity } from '../../stores/store.js';
import { describeToken } from '../output.js';
import { readRaw } from '../stored-token.js';
import { type Finding, ok, warning, wrong } from './finding.js';
import type { Check, Scene } from './scene.js';
import { findTokenFile, placeNeeds } from './token-file.js';

const name = 'token';
const advice = {
  corrupt: 'delete it, or choose another',
  'of another key or environment':
    'give each key, environment and base URL a token file of its own (TT_TOKEN_FILE)',
  'dated ahead': 'set the clock of this host, or of the one that wrote it',
};
const asError = (error: unknown): Error => error as Error;

/** What the store holds: the token, and the last failure. */
export const record: Check = {
  name,
  needs: [...placeNeeds, 'TT_BASE_URL', 'TT_TOKEN_FILE_KEY', 'TT_TOKEN_FILE_KEY_FILE'],
  async look(scene) {
    const isKeyring = scene.options.store === 'keyring';
    if (!isKeyring && !(await findTokenFile(scene))) return [];
    const place = isKeyring ? 'the system keyring' : 'the token file';
    const identity = storeIdentity(scene.resolved);
    const read = await readRaw(scene.resolved, scene.options).catch(asError);
    if (read instanceof Error) {
      const advice = isKeyring
        ? 'unlock or install it, or use --store file'
        : 'correct its owner, its mode or TT_TOKEN_FILE_KEY, or delete it';
      return [wrong(name, `${place} cannot be read: ${scene.redact.reason(read)}`, advice)];
    }
    if (read === undefined) return [ok(name, `${place} holds none yet: the next call gets one`)];
    return lookAtRecord(read, identity, scene, place);
  },
};

function lookAtRecord(
  read: unknown,
  identity: StoreIdentity,
  { options, redact }: Scene,
  place: string,
): readonly Finding[] {
  const now = Date.now();
  const state = readRecord(read, identity, now) ?? {};
  if (state.token) redact.learnToken(state.token.accessToken);
  const failure = state.failure ? [lookAtFailure(state.failure, state.token, now)] : [];
  if (state.token) return [lookAtToken(state.token, options, now), ...failure];
  const why = whyNoToken(read, identity);
  if (why === 'none') return [ok(name, `${place} holds none`), ...failure];
  const other = why === 'of another key or environment' ? ` (${foreignPart(read, identity)})` : '';
  return [wrong(name, `${place} is ${why}${other}: it counts as none`, advice[why])];
}

function foreignPart(read: unknown, identity: StoreIdentity): string {
  const { keyFingerprint, environment } = read as StoreIdentity;
  if (keyFingerprint !== identity.keyFingerprint) return 'another app key';
  return environment === identity.environment ? 'another base URL' : 'another environment';
}

function lookAtToken(token: Token, options: Scene['options'], now: number): Finding {
  const { expiry } = describeToken(token, { ...options, show: false });
  if (isUnexpired(token, now)) return ok(name, `valid until ${expiry}`);
  return warning(name, `expired at ${expiry}`, 'nothing: the next call gets a new one');
}

function lookAtFailure(failure: StoredFailure, token: Token | undefined, now: number): Finding {
  const { code, message, failures, failedAt, waitMs, forbiddenMs = 0 } = failure;
  const retryAt = failedAt + restMs(failure);
  const isOver = retryAt <= now;
  const found = `${code}, ${failures} in a row: ${message}`;
  const ends = new Date(retryAt).toISOString();
  const byForce = forbiddenMs >= waitMs ? 'TT asked for that' : '--force-refresh tries at once';
  const advice = isOver
    ? `nothing: the wait ended at ${ends}, and the next call tries again`
    : `wait: no new attempt is made before ${ends} (${byForce})`;
  const harms = !isOver && !(token && isUsable(token, now));
  return (harms ? wrong : warning)('last failure', found, advice);
}
