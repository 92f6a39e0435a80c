import { randomBytes } from 'node:crypto';

export interface IssuedToken {
  readonly accessToken: string;
  readonly environment: string;
  readonly expiresAt: number;
  /** How many tokens the stand-in had issued before. */
  readonly index: number;
}

export interface TokenLedger {
  issue(environment: string, lifetimeSeconds: number): IssuedToken;
  /** The newest token of the environment that is still good. */
  findValid(environment: string): IssuedToken | undefined;
  /** The token as issued, unless it is unknown, of another environment, or revoked. */
  find(environment: string, accessToken: string): IssuedToken | undefined;
  revoke(accessToken: string): void;
  revokeAll(environment?: string): void;
}

export function isExpired(token: IssuedToken): boolean {
  return Date.now() >= token.expiresAt;
}

export function createTokenLedger(): TokenLedger {
  const live = new Map<string, IssuedToken>();
  let issued = 0;

  return {
    issue(environment, lifetimeSeconds) {
      const token = {
        accessToken: `fake-token-${randomBytes(16).toString('hex')}`,
        environment,
        expiresAt: Date.now() + lifetimeSeconds * 1000,
        index: issued++,
      };
      live.set(token.accessToken, token);
      return token;
    },
    findValid(environment) {
      return [...live.values()]
        .filter((token) => token.environment === environment && !isExpired(token))
        .at(-1);
    },
    find(environment, accessToken) {
      const token = live.get(accessToken);
      return token?.environment === environment ? token : undefined;
    },
    revoke(accessToken) {
      live.delete(accessToken);
    },
    revokeAll(environment) {
      for (const token of live.values()) {
        if (environment === undefined || token.environment === environment) {
          live.delete(token.accessToken);
        }
      }
    },
  };
}
