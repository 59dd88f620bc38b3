import type { Access } from '@hilltop/contracts';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { accessKey, guestsKey } from './access.decorator.js';
import { AccessService } from './access.service.js';
import type { Actor, ActorRequest } from './actor.js';

/** What the live gateway keeps with each socket after it authenticated it. */
export interface SocketData {
  actor?: Actor;
}

/** Lets a request through when its bearer may do what the route demands; sets `request.actor`. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly access: AccessService,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const demanded = this.reflector.getAllAndOverride<Access | undefined>(accessKey, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (demanded === undefined)
      throw new Error(`${context.getClass().name}.${context.getHandler().name} declares no access`);
    if (demanded === 'public') return true;
    if (context.getType() === 'ws') {
      const { actor } = context.switchToWs().getClient<{ data: SocketData }>().data;
      if (!actor) return false;
      this.access.demand(actor, demanded);
      if (!this.#welcomesGuests(context, 'EVENT')) this.access.demandMember(actor);
      return true;
    }
    const request = context.switchToHttp().getRequest<ActorRequest>();
    const actor = await this.access.authenticate(bearerOf(request.headers.authorization));
    this.access.demand(actor, demanded);
    if (!this.#welcomesGuests(context, request.method)) this.access.demandMember(actor);
    request.actor = actor;
    return true;
  }

  #welcomesGuests(context: ExecutionContext, method: string): boolean {
    const may = this.reflector.getAllAndOverride<'welcome' | 'refused' | undefined>(guestsKey, [
      context.getHandler(),
      context.getClass(),
    ]);
    return welcomesGuests(may, method);
  }
}

/** What `@Guests` says; else reading is welcome. */
export function welcomesGuests(may: 'welcome' | 'refused' | undefined, method: string): boolean {
  return may === undefined ? method === 'GET' || method === 'HEAD' : may === 'welcome';
}

/** The secret in an `Authorization` header. */
export function bearerOf(header: string | undefined): string | undefined {
  return /^Bearer +(\S+)$/i.exec(header ?? '')?.[1];
}
