import type { Role } from '@hilltop/contracts';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';

/** Who acts: the bearer of a token. */
export interface Actor {
  readonly tokenId: string;
  /** Absent for pipelines (`svc`). */
  readonly userId?: string;
  readonly role: Role;
  /** Came in by a link, and only watches. */
  readonly guest?: true;
  /** Name of the user, or of the token. */
  readonly name: string;
}

/** Whose a thing is: a person, whatever token they came by, or a pipeline by its token. */
export const ownerOf = (actor: Actor): string => actor.userId ?? actor.tokenId;

export interface ActorRequest extends Request {
  actor?: Actor;
}

/** `@CurrentActor() actor: Actor` in a route that is not public. */
export const CurrentActor = createParamDecorator((_data: unknown, context: ExecutionContext): Actor => {
  const { actor } = context.switchToHttp().getRequest<ActorRequest>();
  if (!actor) throw new Error('@CurrentActor() on a public route');
  return actor;
});
