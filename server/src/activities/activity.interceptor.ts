import { activities } from '@hilltop/contracts';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { from, lastValueFrom, type Observable } from 'rxjs';
import type { EntityManager } from 'typeorm';
import { type Actor, type ActorRequest, ownerOf } from '../access/actor.js';
import { toLabError } from '../access/problem.filter.js';
import { Database } from '../links/database.js';
import { ActivityEntity } from './activity.entity.js';

/**
 * Keeps who did what. The record is part of the first transaction of the request: both are there or neither. What is made is
 * known when the answer is, and added then.
 */
@Injectable()
export class ActivityInterceptor implements NestInterceptor {
  constructor(private readonly database: Database) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'http') return next.handle();
    const request = context.switchToHttp().getRequest<ActorRequest>();
    const route = `${request.method} ${String(request.route?.path ?? request.path)}`;
    if (!request.actor || activities[route] === undefined) return next.handle();
    return from(
      this.#kept(route, request.actor, paramOf(request), () =>
        lastValueFrom<unknown, unknown>(next.handle(), { defaultValue: undefined }),
      ),
    );
  }

  async #kept(route: string, actor: Actor, param: string | null, handled: () => Promise<unknown>): Promise<unknown> {
    let seq: number | undefined;
    const keep = async (manager: EntityManager): Promise<void> => {
      const row = manager.create(ActivityEntity, {
        at: new Date().toISOString(),
        owner: ownerOf(actor),
        name: actor.name,
        route,
        objectId: param,
        objectName: null,
        failed: null,
      });
      await manager.insert(ActivityEntity, row);
      seq = row.seq;
    };
    try {
      const answer = await this.database.withFirstWrite(keep, handled);
      await this.#end(seq, objectOf(answer, param), keep);
      return answer;
    } catch (error) {
      if (seq !== undefined) await this.#end(seq, { failed: toLabError(error).code }, keep);
      throw error;
    }
  }

  async #end(
    seq: number | undefined,
    change: Partial<ActivityEntity>,
    keep: (manager: EntityManager) => Promise<void>,
  ): Promise<void> {
    await this.database.write(
      async (manager) => {
        // What was done by a message to an agent alone has written nothing yet.
        if (seq !== undefined) await manager.update(ActivityEntity, { seq }, change);
        else await keep(manager);
      },
      { label: 'activity' },
    );
  }
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value.slice(0, 100) : undefined);

const paramOf = (request: ActorRequest): string | null => text(request.params?.['id']) ?? null;

/** Id and name of what the answer is about; of a new token that is the token, never its secret. */
function objectOf(answer: unknown, param: string | null): Partial<ActivityEntity> {
  const whole = (answer ?? {}) as Record<string, unknown>;
  const object = (typeof whole.token === 'object' && whole.token !== null ? whole.token : whole) as Record<
    string,
    unknown
  >;
  return { objectId: text(object.id) ?? param, objectName: text(object.name) ?? text(object.deviceName) ?? null };
}
