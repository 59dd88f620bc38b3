import { Global, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { CONFIG, type Config } from '../config.js';
import { AccessGuard } from './access.guard.js';
import { AccessService } from './access.service.js';
import { HostPolicy, machineHosts } from './host-policy.js';
import { IdempotencyInterceptor } from './idempotency.interceptor.js';
import { LoginLimit } from './login-limit.interceptor.js';
import { OverloadGuard } from './overload.guard.js';
import { ProblemFilter } from './problem.filter.js';
import { RateLimitGuard } from './rate-limit.guard.js';

/** Who may do what, how often, from where; and how a refusal looks. */
@Global()
@Module({
  providers: [
    AccessService,
    LoginLimit,
    {
      provide: HostPolicy,
      useFactory: (config: Config) =>
        new HostPolicy({ listen: config.listen, publicUrls: config.publicUrls, ...machineHosts() }),
      inject: [CONFIG],
    },
    // In this order: the rate is counted per token, so the bearer comes first.
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: APP_GUARD, useClass: RateLimitGuard },
    { provide: APP_GUARD, useClass: OverloadGuard },
    { provide: APP_INTERCEPTOR, useClass: IdempotencyInterceptor },
    { provide: APP_FILTER, useClass: ProblemFilter },
  ],
  exports: [AccessService, HostPolicy, LoginLimit],
})
export class AccessModule {}
