import type { TokenStore } from 'tt-token-manager';
import { redisStore, type RedisClient, type RedisStoreOptions } from 'tt-token-manager/redis';
import { describe, expectTypeOf, it } from 'vitest';

describe('redisStore', () => {
  it('makes a store of a client and options', () => {
    expectTypeOf(redisStore).toEqualTypeOf<(options: RedisStoreOptions) => TokenStore>();
    expectTypeOf<RedisStoreOptions>().toEqualTypeOf<{
      readonly client: RedisClient;
      readonly keyPrefix?: string | undefined;
    }>();
  });
});
