import { createHash } from 'node:crypto';
import { headers, LabError } from '@hilltop/contracts';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Response } from 'express';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { type EntityManager, LessThan } from 'typeorm';
import { Database } from '../links/database.js';
import type { ActorRequest } from './actor.js';
import { secretAnswerKey } from './answer.decorator.js';
import { IdempotencyEntity } from './idempotency.entity.js';

interface Kept {
  readonly requestHash: string;
  readonly status: number;
  readonly body: string;
}

/** Status of a request whose answer is not known yet. */
const begun = 0;

/** A day: longer than any client retries. */
const keepMs = 24 * 3600 * 1000;

/**
 * A mutating POST with an Idempotency-Key is executed once: a repetition gets the first answer, also while that is
 * still being made; another body under the same key is `request.idempotency-mismatch`. Failures are not kept.
 * Answers with secrets stay in memory.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  readonly #running = new Map<string, { requestHash: string; answer: Promise<Kept> }>();
  readonly #secret = new Map<string, Kept>();

  constructor(
    private readonly database: Database,
    private readonly reflector: Reflector,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'http') return next.handle();
    const request = context.switchToHttp().getRequest<ActorRequest>();
    const given = request.get(headers.idempotencyKey);
    if (request.method !== 'POST' || given === undefined) return next.handle();
    if (!/^[\x21-\x7e]{1,200}$/.test(given))
      throw new LabError('request.invalid', 'Idempotency-Key must be 1 to 200 visible ASCII characters');
    const key = sha256([request.actor?.tokenId ?? request.ip ?? '', request.method, request.path, given].join('\n'));
    const requestHash = sha256(JSON.stringify(request.body ?? null));
    const secret =
      this.reflector.getAllAndOverride<boolean | undefined>(secretAnswerKey, [
        context.getHandler(),
        context.getClass(),
      ]) ?? false;
    return from(this.#answer(key, requestHash, secret, context.switchToHttp().getResponse<Response>(), next));
  }

  async #answer(
    key: string,
    requestHash: string,
    secret: boolean,
    response: Response,
    next: CallHandler,
  ): Promise<unknown> {
    const running = this.#running.get(key);
    if (running) return replay(requestHash, running.requestHash, response, () => running.answer);
    // Registered before the first await: a second request must find it.
    const answer = this.#find(key).then((kept) => kept ?? this.#execute(key, requestHash, secret, response, next));
    this.#running.set(key, { requestHash, answer });
    try {
      const kept = await answer;
      return await replay(requestHash, kept.requestHash, response, async () => kept);
    } finally {
      this.#running.delete(key);
    }
  }

  async #find(key: string): Promise<Kept | undefined> {
    const row =
      this.#secret.get(key) ?? (await this.database.reader.getRepository(IdempotencyEntity).findOneBy({ key }));
    if (row?.status === begun)
      throw new LabError(
        'request.conflict',
        'the lab stopped right after it had done this; look at what is there, and use a new Idempotency-Key for more',
      );
    return row ?? undefined;
  }

  async #execute(
    key: string,
    requestHash: string,
    secret: boolean,
    response: Response,
    next: CallHandler,
  ): Promise<Kept> {
    const handled = () => lastValueFrom<unknown, unknown>(next.handle(), { defaultValue: undefined });
    const value = await (secret ? handled() : this.#noted(key, requestHash, handled));
    const kept: Kept = { requestHash, status: response.statusCode, body: JSON.stringify(value ?? null) };
    if (secret) {
      this.#secret.set(key, kept);
      setTimeout(() => this.#secret.delete(key), keepMs).unref();
      return kept;
    }
    const createdMs = Date.now();
    await this.database.write(
      async (manager) => {
        await manager.delete(IdempotencyEntity, { createdMs: LessThan(createdMs - keepMs) });
        await manager.upsert(IdempotencyEntity, { key, createdMs, ...kept }, ['key']);
      },
      { label: 'idempotency' },
    );
    return kept;
  }

  /** A stop between what the request does and the storing of its answer must not make a repetition do it again. */
  async #noted<T>(key: string, requestHash: string, handled: () => Promise<T>): Promise<T> {
    let noted = false;
    const note = async (manager: EntityManager): Promise<void> => {
      await manager.insert(IdempotencyEntity, { key, createdMs: Date.now(), requestHash, status: begun, body: '' });
      noted = true;
    };
    try {
      return await this.database.withFirstWrite(note, handled);
    } catch (error) {
      if (noted) await this.database.write((manager) => manager.delete(IdempotencyEntity, { key }));
      throw error;
    }
  }
}

async function replay(
  requestHash: string,
  firstHash: string,
  response: Response,
  answer: () => Promise<Kept>,
): Promise<unknown> {
  if (requestHash !== firstHash) {
    throw new LabError(
      'request.idempotency-mismatch',
      'this Idempotency-Key was used for another request; choose a new one',
    );
  }
  const kept = await answer();
  response.status(kept.status);
  return JSON.parse(kept.body) as unknown;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
