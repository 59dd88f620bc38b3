import {
  LeaseCommand,
  LeaseExtend,
  LeaseForce,
  LeaseHandover,
  LeaseReply,
  pageOf,
  Reservation,
  ReservationQuery,
  Reserve,
} from '@hilltop/contracts';
import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import * as z from 'zod';
import { Access } from '../access/access.decorator.js';
import { type Actor, CurrentActor } from '../access/actor.js';
import { Answer } from '../access/answer.decorator.js';
import { zod } from '../access/zod.pipe.js';
import { LeaseService, type ReserveWish } from './lease.service.js';
import { LeasePeople } from './lease-people.js';

const LeaseId = z.string().min(1).max(100);

@Controller('api/v1/leases')
export class LeaseController {
  constructor(
    private readonly leases: LeaseService,
    private readonly people: LeasePeople,
  ) {}

  @Post()
  @Access('operator')
  @Answer(Reservation, 'Reserve a device: taken at once where it is free, else queued')
  reserve(@CurrentActor() actor: Actor, @Body(zod(Reserve)) wish: ReserveWish): Promise<Reservation> {
    return this.leases.reserve(actor, wish);
  }

  @Get()
  @Access('viewer')
  @Answer(pageOf(Reservation), 'List the reservations, newest first')
  list(@Query(zod(ReservationQuery)) query: ReservationQuery): Promise<{ items: Reservation[]; next?: string }> {
    return this.leases.list(query);
  }

  @Get(':id')
  @Access('viewer')
  @Answer(Reservation, 'Look at a reservation')
  show(@Param('id', zod(LeaseId)) id: string): Promise<Reservation> {
    return this.leases.show(id);
  }

  @Post(':id/take')
  @Access('operator')
  @HttpCode(200)
  @Answer(Reservation, 'Take a lease that is granted')
  take(
    @CurrentActor() actor: Actor,
    @Param('id', zod(LeaseId)) id: string,
    @Body(zod(LeaseCommand)) { revision }: LeaseCommand,
  ): Promise<Reservation> {
    return this.leases.act(actor, id, { type: 'take', revision });
  }

  @Post(':id/extend')
  @Access('operator')
  @HttpCode(200)
  @Answer(Reservation, 'Extend a lease')
  extend(
    @CurrentActor() actor: Actor,
    @Param('id', zod(LeaseId)) id: string,
    @Body(zod(LeaseExtend)) body: LeaseExtend,
  ): Promise<Reservation> {
    return this.leases.act(actor, id, { type: 'extend', ...body });
  }

  @Post(':id/release')
  @Access('operator')
  @HttpCode(200)
  @Answer(Reservation, 'Give a device back, or leave the queue')
  release(
    @CurrentActor() actor: Actor,
    @Param('id', zod(LeaseId)) id: string,
    @Body(zod(LeaseCommand)) { revision }: LeaseCommand,
  ): Promise<Reservation> {
    return this.leases.act(actor, id, { type: 'release', revision });
  }

  @Post(':id/handover')
  @Access('operator')
  @HttpCode(200)
  @Answer(Reservation, 'Hand a lease over to somebody else')
  async handover(
    @CurrentActor() actor: Actor,
    @Param('id', zod(LeaseId)) id: string,
    @Body(zod(LeaseHandover)) { revision, to }: LeaseHandover,
  ): Promise<Reservation> {
    return this.leases.act(actor, id, { type: 'handover', revision, to: await this.people.find(to) });
  }

  @Post(':id/ask')
  @Access('operator')
  @HttpCode(200)
  @Answer(Reservation, 'Ask the holder for a device')
  ask(
    @CurrentActor() actor: Actor,
    @Param('id', zod(LeaseId)) id: string,
    @Body(zod(LeaseCommand)) { revision }: LeaseCommand,
  ): Promise<Reservation> {
    return this.leases.act(actor, id, { type: 'ask', revision });
  }

  @Post(':id/answer')
  @Access('operator')
  @HttpCode(200)
  @Answer(Reservation, 'Answer who asked: give, later or no')
  answer(
    @CurrentActor() actor: Actor,
    @Param('id', zod(LeaseId)) id: string,
    @Body(zod(LeaseReply)) body: LeaseReply,
  ): Promise<Reservation> {
    return this.leases.act(actor, id, { type: 'answer', ...body });
  }

  @Post(':id/force')
  @Access('admin')
  @HttpCode(200)
  @Answer(Reservation, 'Take a lease away after a warning, with the reason')
  force(
    @CurrentActor() actor: Actor,
    @Param('id', zod(LeaseId)) id: string,
    @Body(zod(LeaseForce)) body: LeaseForce,
  ): Promise<Reservation> {
    return this.leases.act(actor, id, { type: 'force', ...body });
  }
}
