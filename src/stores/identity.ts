import type { ResolvedOptions } from '../options/options.js';
import { fingerprint } from '../tt/credentials.js';
import type { StoreIdentity } from './record.js';

/** Whose record it is that the options are about. */
export function storeIdentity({ apiKey, baseUrl, environment }: ResolvedOptions): StoreIdentity {
  return { environment, baseUrl: baseUrl.href, keyFingerprint: fingerprint(apiKey) };
}
