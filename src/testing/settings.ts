import { randomUUID } from 'node:crypto';
import { flag, headerText, knownNames, milliseconds } from '../base/checks.js';
import { number, oneOf, wholeNumber } from './checks.js';

const secretRefusals = ['status401', 'fail200'] as const;

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
  secretRefusal?: (typeof secretRefusals)[number] | undefined;
  /**
   * Most requests within any second, token requests included; a request over this or another quota gets a 429
   * without a `Retry-After`, and does not count; default Infinity, no quota.
   */
  requestsPerSecond?: number | undefined;
  /** Most requests within any 24 hours, token requests included; default Infinity, no quota. */
  requestsPerDay?: number | undefined;
  /** Least time between two POSTs to the API, token requests apart, in milliseconds; default 0, no quota. */
  postIntervalMs?: number | undefined;
}

/** What {@link startFakeTT} takes: the settings to begin with and, where they matter, port and credentials. */
export interface FakeTTOptions extends FakeTTSettings {
  /** The port of 127.0.0.1 to listen on, 0 to 65535; default 0, any free port. */
  port?: number | undefined;
  /** The app key that the stand-in accepts; default a random GUID. */
  apiKey?: string | undefined;
  /** The bare secret, without `<apiKey>:`, that the stand-in accepts; default a random GUID. */
  apiSecret?: string | undefined;
}

type Name = keyof FakeTTSettings;

/** All settings, checked. */
export type Settings = { readonly [Key in Name]-?: NonNullable<FakeTTSettings[Key]> };

/** The app key and the bare secret that the stand-in accepts. */
export interface Credentials {
  readonly apiKey: string;
  readonly apiSecret: string;
}

const defaults: Settings = {
  latencyMs: 0,
  apiLatencyMs: 0,
  tokenLifetimeSeconds: 86_400,
  lifetimeAsString: false,
  sameToken: false,
  revokesOlder: false,
  secretRefusal: 'status401',
  requestsPerSecond: Infinity,
  requestsPerDay: Infinity,
  postIntervalMs: 0,
};

const delay = (name: string, value: unknown) => milliseconds(name, value, 0);
const quota = (name: string, value: unknown) => wholeNumber(name, value, 1);
const checks: Readonly<Record<Name, (name: string, value: unknown) => unknown>> = {
  latencyMs: delay,
  apiLatencyMs: delay,
  tokenLifetimeSeconds: (name, value) => number(name, value, 0, Number.MAX_SAFE_INTEGER),
  lifetimeAsString: flag,
  sameToken: flag,
  revokesOlder: flag,
  secretRefusal: (name, value) => oneOf(name, value, secretRefusals),
  requestsPerSecond: quota,
  requestsPerDay: quota,
  postIntervalMs: delay,
};

/** Checks changed settings and merges them into the current ones. */
export function changeSettings(changes: FakeTTSettings, current: Settings): Settings {
  knownNames(changes, Object.keys(defaults));
  const given = Object.entries(changes).filter(([, value]) => value !== undefined);
  for (const [name, value] of given) checks[name as Name](name, value);
  return { ...current, ...(Object.fromEntries(given) as Partial<Settings>) };
}

/** Checks the options and completes them. */
export function resolveOptions(options: FakeTTOptions) {
  const { port = 0, apiKey = randomUUID(), apiSecret = randomUUID(), ...settings } = options;
  knownNames(options, ['port', 'apiKey', 'apiSecret', ...Object.keys(defaults)]);
  return {
    port: wholeNumber('port', port, 0, 65_535),
    credentials: {
      apiKey: credential('apiKey', apiKey),
      apiSecret: credential('apiSecret', apiSecret),
    },
    settings: changeSettings(settings, defaults),
  };
}

/** Checks a key or a bare secret, which a colon joins. */
function credential(name: string, value: unknown): string {
  const checked = headerText(name, value);
  if (checked.includes(':')) throw new RangeError(`${name} must not hold a colon`);
  return checked;
}
