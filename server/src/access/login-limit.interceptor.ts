import {
  type CallHandler,
  type ExecutionContext,
  Inject,
  Injectable,
  type NestInterceptor,
  UseInterceptors,
} from '@nestjs/common';
import { type Observable, tap } from 'rxjs';
import { CONFIG, type Config } from '../config.js';
import { KeyedBuckets } from '../token-bucket.js';
import type { ActorRequest } from './actor.js';
import { requireOne } from './rate-limit.guard.js';

/** Few failed attempts per minute and address, where secrets can be tried out. Success costs nothing: a fleet may join at once. */
@Injectable()
export class LoginLimit implements NestInterceptor {
  readonly #buckets: KeyedBuckets;

  constructor(@Inject(CONFIG) config: Config) {
    this.#buckets = new KeyedBuckets(config.limits.loginsPerMinute, () => performance.now());
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const bucket = this.#buckets.of(context.switchToHttp().getRequest<ActorRequest>().ip ?? 'unknown');
    requireOne(context, bucket);
    return next.handle().pipe(tap({ error: () => void bucket.take(1) }));
  }
}

/** A route where secrets can be tried out. */
export const LoginRoute = () => UseInterceptors(LoginLimit);
