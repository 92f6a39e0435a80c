import { randomUUID } from 'node:crypto';
import { knownNames } from '../base/checks.js';
import { checkBoolean, checkCredential, checkDelay, checkNumber, checkOneOf } from './checks.js';

const SECRET_REFUSALS = ['status401', 'fail200'] as const;

/** What a running stand-in can change; a field that is absent or undefined stays as it is. */
export interface FakeTTSettings {
  /** Delay before each answer of the token endpoint, in milliseconds; default 0. */
  latencyMs?: number | undefined;
  /** Delay before each answer of the API, in milliseconds; default 0. */
  apiLatencyMs?: number | undefined;
  /** Lifetime of the tokens issued from now on, in seconds, fractions allowed; default 86400. */
  tokenLifetimeSeconds?: number | undefined;
  /** Sends `seconds_until_expiry` as a numeric string; default false. */
  lifetimeAsString?: boolean | undefined;
  /** Hands out the same token, with the lifetime left, for as long as it is valid; default false. */
  sameToken?: boolean | undefined;
  /** Revokes the older tokens of an environment when it issues a new one; default false. */
  revokesOlder?: boolean | undefined;
  /** How a wrong secret is refused: a 401, or a 200 with `status: 'Fail'`; default `'status401'`. */
  secretRefusal?: (typeof SECRET_REFUSALS)[number] | undefined;
}

/** What {@link startFakeTT} takes: the settings to begin with and, where they matter, the credentials. */
export interface FakeTTOptions extends FakeTTSettings {
  /** The app key that the stand-in accepts; default a random GUID. */
  apiKey?: string | undefined;
  /** The bare secret, without `<apiKey>:`, that the stand-in accepts; default a random GUID. */
  apiSecret?: string | undefined;
}

export type ResolvedSettings = {
  readonly [Name in keyof FakeTTSettings]-?: NonNullable<FakeTTSettings[Name]>;
};

export interface Credentials {
  readonly apiKey: string;
  readonly apiSecret: string;
}

const DEFAULTS: ResolvedSettings = {
  latencyMs: 0,
  apiLatencyMs: 0,
  tokenLifetimeSeconds: 86_400,
  lifetimeAsString: false,
  sameToken: false,
  revokesOlder: false,
  secretRefusal: 'status401',
};

export function resolveSettings(changes: FakeTTSettings, current = DEFAULTS): ResolvedSettings {
  knownNames(changes, Object.keys(DEFAULTS));
  const merged = {
    latencyMs: changes.latencyMs ?? current.latencyMs,
    apiLatencyMs: changes.apiLatencyMs ?? current.apiLatencyMs,
    tokenLifetimeSeconds: changes.tokenLifetimeSeconds ?? current.tokenLifetimeSeconds,
    lifetimeAsString: changes.lifetimeAsString ?? current.lifetimeAsString,
    sameToken: changes.sameToken ?? current.sameToken,
    revokesOlder: changes.revokesOlder ?? current.revokesOlder,
    secretRefusal: changes.secretRefusal ?? current.secretRefusal,
  };
  checkDelay('latencyMs', merged.latencyMs);
  checkDelay('apiLatencyMs', merged.apiLatencyMs);
  checkNumber('tokenLifetimeSeconds', merged.tokenLifetimeSeconds, 0, Number.MAX_SAFE_INTEGER);
  checkBoolean('lifetimeAsString', merged.lifetimeAsString);
  checkBoolean('sameToken', merged.sameToken);
  checkBoolean('revokesOlder', merged.revokesOlder);
  checkOneOf('secretRefusal', merged.secretRefusal, SECRET_REFUSALS);
  return Object.freeze(merged);
}

export function resolveCredentials(options: FakeTTOptions): Credentials {
  return Object.freeze({
    apiKey: checkCredential('apiKey', options.apiKey ?? randomUUID()),
    apiSecret: checkCredential('apiSecret', options.apiSecret ?? randomUUID()),
  });
}
