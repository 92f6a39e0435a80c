import { randomBytes } from 'node:crypto';

/** A token of the stand-in. */
export interface IssuedToken {
  readonly accessToken: string;
  readonly environment: string;
  readonly expiresAt: number;
  /** How many tokens the stand-in had issued before. */
  readonly index: number;
}

/** Takes the tokens out of a text: no answer of the API repeats one. */
export function withoutTokens(text: string): string {
  return text.replace(/fake-token-[0-9a-f]{32}/g, '<token>');
}

export function isExpired(token: IssuedToken): boolean {
  return Date.now() >= token.expiresAt;
}

export type TokenLedger = ReturnType<typeof createTokenLedger>;

/** Creates the list of the tokens that were issued and not revoked. */
export function createTokenLedger() {
  const live = new Map<string, IssuedToken>();
  let issued = 0;

  return {
    issue(environment: string, lifetimeSeconds: number): IssuedToken {
      const accessToken = `fake-token-${randomBytes(16).toString('hex')}`;
      const expiresAt = Date.now() + lifetimeSeconds * 1000;
      const token = { accessToken, environment, expiresAt, index: issued++ };
      live.set(accessToken, token);
      return token;
    },
    /** The newest token of the environment that is still good. */
    findValid: (environment: string): IssuedToken | undefined =>
      [...live.values()].findLast(
        (token) => token.environment === environment && !isExpired(token),
      ),
    /** The token as issued, unless it is unknown, of another environment, or revoked. */
    find(environment: string, accessToken: string): IssuedToken | undefined {
      const token = live.get(accessToken);
      return token?.environment === environment ? token : undefined;
    },
    revoke: (accessToken: string): void => void live.delete(accessToken),
    /** Revokes all tokens, or those of one environment. */
    revokeAll(environment?: string): void {
      for (const token of live.values()) {
        if ((environment ?? token.environment) === token.environment) {
          live.delete(token.accessToken);
        }
      }
    },
  };
}
