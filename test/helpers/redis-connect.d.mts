import type { RedisClient } from '../../src/stores/redis/index.js';

/** Which client to connect, and to what. */
export interface ConnectOptions {
  readonly from: ClientPackage;
  readonly port: number;
  readonly isCluster?: boolean;
  readonly username?: string;
  readonly password?: string;
}

export type ClientPackage = 'redis' | 'redis-oldest' | 'ioredis' | 'ioredis-oldest';
export const clientPackages: readonly ClientPackage[];
export function connect(
  options: ConnectOptions,
): Promise<{ readonly client: RedisClient; close(): void }>;
