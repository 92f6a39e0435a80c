// What users import from tt-token-manager/keyring.
export { keyringStore, type KeyringStoreOptions } from '../stores/keyring/index.js';
export { optionsFromKeyring, type KeyringOptions } from './from-keyring.js';
