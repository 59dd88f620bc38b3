import type { Objective, Sweep, SweepFile, SweepState } from '@hilltop/contracts';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { Actor } from '../access/actor.js';
import type { SweepPlan } from './sweep-plan.js';

/** A search over recipes x run settings x devices. */
@Entity('sweep')
export class SweepEntity {
  @PrimaryColumn('text') id!: string;
  /** Order of submission. */
  @Index('sweep_position', { unique: true })
  @Column('bigint')
  position!: number;
  @Column('text') name!: string;
  @Column('simple-json') file!: SweepFile;
  @Column('integer') revision!: number;
  @Index('sweep_state')
  @Column('text')
  state!: SweepState;
  /** Paused: what it goes back to. */
  @Column('text', { nullable: true }) resumesAs!: SweepState | null;
  @Column('simple-json') objectives!: Objective[];
  @Column('simple-json') plan!: SweepPlan;
  @Column('text', { nullable: true }) note!: string | null;
  @Column('simple-json', { nullable: true }) error!: NonNullable<Sweep['error']> | null;
  /** Who submits its jobs. */
  @Column('simple-json') actor!: Actor;
  @Column('text', { nullable: true }) createdBy!: string | null;
  @Index('sweep_schedule')
  @Column('text', { nullable: true })
  scheduleId!: string | null;
  @Column('text') createdAt!: string;
  @Column('text', { nullable: true }) startedAt!: string | null;
  @Column('text', { nullable: true }) endedAt!: string | null;
}
