// An application with TTModule.   npm install tt-token-manager axios @nestjs/terminus && npx tsx --env-file=.env main.ts
import 'reflect-metadata';
import { Catch, Controller, Get, Inject, Module } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import { BaseExceptionFilter, HttpAdapterHost, NestFactory } from '@nestjs/core';
import { HealthCheck, HealthCheckService, TerminusModule } from '@nestjs/terminus';
import type { AxiosInstance } from 'axios';
import type { Response } from 'express';
import { isTokenError, optionsFromEnv, type TokenManager } from 'tt-token-manager';
import { TT_CLIENT, TT_MANAGER, TTHealth, TTModule } from './tt.module.js';

@Controller()
class AppController {
  constructor(
    @Inject(TT_CLIENT) private readonly tt: AxiosInstance,
    @Inject(TT_MANAGER) private readonly manager: TokenManager,
    @Inject(HealthCheckService) private readonly health: HealthCheckService,
    @Inject(TTHealth) private readonly token: TTHealth,
  ) {}

  @Get('markets')
  async markets(): Promise<unknown> {
    return (await this.tt.get<unknown>(this.manager.apiUrl('ttpds', 'markets'))).data;
  }

  @Get('ready')
  @HealthCheck()
  ready() {
    return this.health.check([() => this.token.check()]);
  }
}

/** No token: the service is unavailable until `retryAt`. */
@Catch()
class TokenErrorFilter extends BaseExceptionFilter implements ExceptionFilter {
  override catch(error: unknown, host: ArgumentsHost): void {
    if (!isTokenError(error)) return super.catch(error, host);
    const seconds = Math.max(1, Math.ceil(((error.retryAt ?? 0) - Date.now()) / 1_000));
    const response = host.switchToHttp().getResponse<Response>();
    response.status(503).set('Retry-After', `${seconds}`).json({ error: error.code });
  }
}

@Module({
  imports: [
    TerminusModule,
    TTModule.forRootAsync({ useFactory: () => optionsFromEnv() }), // or inject: [ConfigService]
  ],
  controllers: [AppController],
})
class AppModule {}

const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
app.useGlobalFilters(new TokenErrorFilter(app.get(HttpAdapterHost).httpAdapter));
app.enableShutdownHooks();
await app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1');
console.log(`listening on ${await app.getUrl()}`);
