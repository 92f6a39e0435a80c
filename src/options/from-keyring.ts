import type { TokenManagerOptions } from './options.js';
import { optionsFromEnv, readEnvironment, readVariable, type Variables } from './from-env.js';
import { knownNames } from '../base/checks.js';
import type { TTEnvironment } from '../base/environments.js';
import { parseJson } from '../stores/sealed/format.js';
import { defaultService, keyringEntry, unlockingMs } from '../stores/keyring/entry.js';

/** Options of {@link optionsFromKeyring}. */
export interface KeyringOptions {
  /** The service under which `tt-token login` keeps key and secret. @default 'tt-token-manager' */
  readonly service?: string | undefined;
  /** The variables that come first. @default process.env */
  readonly env?: Variables | undefined;
}

/** The app key and secret of one environment. */
export interface Credentials {
  readonly apiKey: string;
  readonly apiSecret: string;
}

/** Where the keyring keeps the credentials of one environment. */
export interface KeyringCredentials {
  /** Undefined where there are none. */
  read(): Promise<Credentials | undefined>;
  /** Puts them in place of those before. */
  write(credentials: Credentials): Promise<void>;
  /** Removes them; tells whether there were any. */
  remove(): Promise<boolean>;
}

/** Creates the access to the credentials of one environment; it rejects with a KeyringError. */
export function keyringCredentials(
  environment: TTEnvironment,
  service = defaultService,
): KeyringCredentials {
  const entry = keyringEntry(service, `credentials_${environment}`, unlockingMs);
  return {
    async read() {
      const stored = parseJson((await entry.read()) ?? '');
      const { apiKey, apiSecret } = (stored ?? {}) as Partial<Credentials>;
      return apiKey && apiSecret ? { apiKey, apiSecret } : undefined;
    },
    write: (credentials) => entry.write(JSON.stringify(credentials)),
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

/** The variables for key and secret that are not set, as far as the keyring knows them; a secret only for its key. */
export async function missingCredentials(
  env: Variables,
  service?: string,
): Promise<{ readonly TT_API_KEY?: string; readonly TT_API_SECRET?: string }> {
  const apiKey = readVariable(env, 'TT_API_KEY');
  const apiSecret = readVariable(env, 'TT_API_SECRET');
  if (apiKey !== undefined && apiSecret !== undefined) return {};
  const found = await keyringCredentials(readEnvironment(env) ?? 'UAT', service).read();
  if (!found || (apiKey ?? found.apiKey) !== found.apiKey) return {};
  return {
    ...(apiKey === undefined && { TT_API_KEY: found.apiKey }),
    ...(apiSecret === undefined && { TT_API_SECRET: found.apiSecret }),
  };
}
