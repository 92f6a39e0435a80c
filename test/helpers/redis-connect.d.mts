import type { RedisClient } from '../../src/stores/redis/index.js';

/** Which client to connect, and to what. */
export interface ConnectOptions {
  readonly from: ClientPackage;
  readonly port: number;
  readonly isCluster?: boolean;
  readonly username?: string;
  readonly password?: string;
  /** Whether the client keeps commands until it has a connection. @default true */
  readonly offlineQueue?: boolean;
  /** The database. @default 0 */
  readonly db?: number;
  /** What the client itself puts before each key; ioredis only. */
  readonly clientPrefix?: string;
  /** The version of the protocol; node-redis only. */
  readonly protocol?: 2 | 3;
}

export type ClientPackage = 'redis' | 'redis-oldest' | 'ioredis' | 'ioredis-oldest';
export const clientPackages: readonly ClientPackage[];
export function connect(
  options: ConnectOptions,
): Promise<{ readonly client: RedisClient; close(): void }>;

/** Creates a client, and lets it connect. */
export function begin(options: ConnectOptions): {
  readonly client: RedisClient;
  readonly connecting: Promise<unknown>;
  close(): void;
};
