import { knownNames, text } from '../../base/checks.js';
import { defaultTokenFile } from '../file/default-path.js';
import { createFileLock } from '../file/lock/lock.js';
import { defaultService, tokenEntry, type KeyringEntry } from './entry.js';
import type { StoreIdentity, TokenStore } from '../store.js';
import { locate } from '../file/location.js';
import { fingerprint } from '../../tt/credentials.js';

/** Options of {@link keyringStore}. */
export interface KeyringStoreOptions {
  /** The service under which the keyring keeps the token. @default 'tt-token-manager' */
  readonly service?: string | undefined;
}

/**
 * Creates the store that keeps the token in the system keyring (Keychain, Credential Manager, Secret Service)
 * by way of the optional package `@napi-rs/keyring`. Processes are coordinated by a lock folder beside the
 * default token file; no token is written there. Where there is no keyring, managers work in memory.
 * @throws TypeError or RangeError when `service` is no usable name.
 */
export function keyringStore(options: KeyringStoreOptions = {}): TokenStore {
  knownNames(options, ['service']);
  const { service = defaultService } = options;
  text('service', service);
  const entries = new Map<string, KeyringEntry>();

  /** The managers of one identity share the process that asks the keyring for them. */
  function entryOf(identity: StoreIdentity): KeyringEntry {
    const { environment, baseUrl, keyFingerprint } = identity;
    const name = fingerprint(environment, baseUrl, keyFingerprint);
    const entry = entries.get(name) ?? tokenEntry(service, identity);
    entries.set(name, entry);
    return entry;
  }

  return {
    open(identity) {
      const entry = entryOf(identity);
      const acquireFileLock = createFileLock();
      const lockName = `keyring-${fingerprint(service, identity.baseUrl)}`;
      const find = async () => locate(`${defaultTokenFile(identity)}.${lockName}`);

      return {
        read: entry.read,
        write: entry.write,
        async acquire(onTakeover) {
          // The lock is of use only to those who can read what its holder writes.
          await entry.read();
          const location = await find();
          const write = async (text: string): Promise<true> => {
            await entry.write(text);
            return true;
          };
          return acquireFileLock(location, write, onTakeover);
        },
      };
    },
  };
}
