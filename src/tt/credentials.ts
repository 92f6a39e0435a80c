import { createHash } from 'node:crypto';

/** The secret alone, whether it was given bare or as `<apiKey>:<secret>`, as TT's Setup page shows it. */
export function bareSecret(apiKey: string, secret: string): string {
  const prefix = `${apiKey}:`;
  return secret.startsWith(prefix) ? secret.slice(prefix.length) : secret;
}

/** 64 bits of a SHA-256 that tell values apart without showing them. */
export function fingerprint(...values: readonly string[]): string {
  return createHash('sha256').update(values.join('\n')).digest('hex').slice(0, 16);
}
