import { LabError } from '@hilltop/contracts';
import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config.js';
import { KeyedBuckets, type TokenBucket } from '../token-bucket.js';
import type { ActorRequest } from './actor.js';

/** Mutating requests per token, else per address. Reads are not limited. */
@Injectable()
export class RateLimitGuard implements CanActivate {
  readonly #buckets: KeyedBuckets;

  constructor(@Inject(CONFIG) config: Config) {
    this.#buckets = new KeyedBuckets(config.limits.writesPerMinute, () => performance.now());
  }

  canActivate(context: ExecutionContext): boolean {
    if (context.getType() !== 'http') return true;
    const { method, actor, ip } = context.switchToHttp().getRequest<ActorRequest>();
    if (/^(GET|HEAD|OPTIONS)$/.test(method)) return true;
    const bucket = this.#buckets.of(actor?.tokenId ?? ip ?? 'unknown');
    requireOne(context, bucket);
    return bucket.take(1);
  }
}

/** Throws `request.rate-limited` and sets Retry-After while the bucket is empty. */
export function requireOne(context: ExecutionContext, bucket: TokenBucket): void {
  if (bucket.has(1)) return;
  const seconds = Math.max(1, Math.ceil(bucket.secondsUntil(1)));
  context
    .switchToHttp()
    .getResponse<{ setHeader(name: string, value: string): void }>()
    .setHeader('Retry-After', String(seconds));
  throw new LabError('request.rate-limited', `too many requests; try again in ${seconds} s`, {
    retryAfterSeconds: seconds,
  });
}
