import { createHash } from 'node:crypto';
import { delivered, withBody, type FetchOutcome } from './outcome.js';

const oneHash = /^(sha256|sha384|sha512)-([\w+/-]+)={0,2}(?:\?.*)?$/i;

/**
 * Checks the last response of a request against its `integrity`, as the platform does; it would check the bodies of
 * refusals and redirects, too, as we follow those one by one.
 */
export async function checkIntegrity(
  outcome: FetchOutcome,
  integrity: string,
  signal: AbortSignal | undefined,
): Promise<FetchOutcome> {
  if (!outcome.response) return outcome;
  const response = delivered(outcome);
  try {
    const bytes = response.body ? Buffer.from(await response.arrayBuffer()) : undefined;
    if (bytes && matches(bytes, integrity)) return { response: withBody(response, bytes) };
  } catch (cause) {
    return { error: signal?.aborted ? cause : new TypeError('fetch failed', { cause }) };
  }
  return { error: new TypeError('fetch failed', { cause: new Error('integrity mismatch') }) };
}

/** Returns whether bytes have one of the hashes of the strongest kind named; true if none is named. */
function matches(bytes: Uint8Array, integrity: string): boolean {
  const hashes = integrity.split(/\s+/).flatMap((text) => {
    const [, kind = '', hash = ''] = oneHash.exec(text) ?? [];
    return kind ? [{ kind: kind.toLowerCase(), hash: Buffer.from(hash, 'base64') }] : [];
  });
  const strongest = hashes
    .map(({ kind }) => kind)
    .sort()
    .at(-1);
  if (strongest === undefined) return true;
  const actual = createHash(strongest).update(bytes).digest();
  return hashes.some(({ kind, hash }) => kind === strongest && hash.equals(actual));
}
