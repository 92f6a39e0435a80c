// A module for NestJS: a client with a token for every service, its health, and an orderly end.
import { Inject, Injectable, Module } from '@nestjs/common';
import type * as nest from '@nestjs/common';
import { HealthIndicatorService, TerminusModule } from '@nestjs/terminus';
import axios from 'axios';
import { createTokenManager, type TokenManager, type TokenManagerOptions } from 'tt-token-manager';
import { authenticateAxios } from 'tt-token-manager/axios';

/** What services inject: `@Inject(TT_CLIENT) private readonly tt: AxiosInstance`. */
export const TT_CLIENT = Symbol('TT_CLIENT');
export const TT_MANAGER = Symbol('TT_MANAGER');

type AsyncOptions = Pick<nest.ModuleMetadata, 'imports'> &
  Pick<nest.FactoryProvider<TokenManagerOptions>, 'inject' | 'useFactory'>;

@Injectable()
export class TTHealth {
  constructor(
    @Inject(TT_MANAGER) private readonly manager: TokenManager,
    @Inject(HealthIndicatorService) private readonly indicators: HealthIndicatorService,
  ) {}

  async check(key = 'tt-token') {
    const indicator = this.indicators.check(key);
    const { valid, secondsUntilExpiry, retryAt } = await this.manager.status();
    return valid ? indicator.up({ secondsUntilExpiry }) : indicator.down({ retryAt });
  }
}

@Module({})
export class TTModule implements nest.OnApplicationShutdown {
  constructor(@Inject(TT_MANAGER) private readonly manager: TokenManager) {}

  static forRootAsync({ imports = [], inject = [], useFactory }: AsyncOptions): nest.DynamicModule {
    return {
      module: TTModule,
      global: true,
      imports: [TerminusModule, ...imports],
      providers: [
        {
          provide: TT_MANAGER,
          inject,
          useFactory: async (...given: never[]) => createTokenManager(await useFactory(...given)),
        },
        { provide: TT_CLIENT, inject: [TT_MANAGER], useFactory: createClient },
        TTHealth,
      ],
      exports: [TT_MANAGER, TT_CLIENT, TTHealth],
    };
  }

  /** Nest calls it last, when the HTTP server has answered what was under way: that may still need a token. */
  onApplicationShutdown = () => this.manager.close();
}

function createClient(manager: TokenManager) {
  const client = axios.create({ timeout: 10_000 });
  authenticateAxios(client, manager);
  return client;
}
