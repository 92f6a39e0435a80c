import type { TokenManagerOptions } from './options.js';
import {
  isSet,
  optionsFromEnv,
  readEnvironment,
  readVariable,
  type Variables,
} from './from-env.js';
import { knownNames } from '../base/checks.js';
import type { TTEnvironment } from '../base/environments.js';
import { parseJson } from '../base/parse-json.js';
import { defaultService, keyringEntry, unlockingMs } from '../stores/keyring/entry.js';

/** Options of {@link optionsFromKeyring}. */
export interface KeyringOptions {
  /** The service under which `tt-token login` keeps key and secret. @default 'tt-token-manager' */
  readonly service?: string | undefined;
  /** The variables that come first. @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

/** The app key and secret of one environment. */
export interface Credentials {
  readonly apiKey: string;
  readonly apiSecret: string;
}

/** Creates the access to the credentials of one environment. Each method rejects with a KeyringError. */
export function keyringCredentials(environment: TTEnvironment, service = defaultService) {
  const entry = keyringEntry(service, `credentials_${environment}`, unlockingMs);
  return {
    /** Undefined where there are none. */
    async read(): Promise<Credentials | undefined> {
      const stored = parseJson((await entry.read()) ?? '');
      const { apiKey, apiSecret } = (stored ?? {}) as Partial<Credentials>;
      return apiKey && apiSecret ? { apiKey, apiSecret } : undefined;
    },
    /** Puts them in the place of those before. */
    write: (credentials: Credentials) => entry.write(JSON.stringify(credentials)),
    /** Removes them; returns whether there were any. */
    remove: () => entry.remove(),
  };
}

/**
 * Reads the options as optionsFromEnv does; app key and secret, where no variable gives them, from the
 * system keyring, into which `tt-token login` puts them.
 * @throws TypeError naming what neither gives, RangeError for an unknown TT_ENVIRONMENT, and an Error named
 * `KeyringError` where the keyring is needed and cannot be used.
 */
export async function optionsFromKeyring(
  options: KeyringOptions = {},
): Promise<TokenManagerOptions> {
  knownNames(options, ['service', 'env']);
  const { service, env = process.env } = options;
  return optionsFromEnv({ ...env, ...(await missingCredentials(env, service)) });
}

/** The app key and secret that no variable gives, as far as the keyring has them; a secret only for its key. */
export async function missingCredentials(
  env: Variables,
  service?: string,
): Promise<{ readonly TT_API_KEY?: string; readonly TT_API_SECRET?: string }> {
  const apiKey = readVariable(env, 'TT_API_KEY');
  const hasSecret = isSet(env, 'TT_API_SECRET');
  if (apiKey !== undefined && hasSecret) return {};
  const found = await keyringCredentials(readEnvironment(env) ?? 'UAT', service).read();
  if (!found || (apiKey ?? found.apiKey) !== found.apiKey) return {};
  return {
    ...(apiKey === undefined && { TT_API_KEY: found.apiKey }),
    ...(!hasSecret && { TT_API_SECRET: found.apiSecret }),
  };
}
