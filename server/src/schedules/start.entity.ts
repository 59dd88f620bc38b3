import type { GateVerdict, ScheduleStart, StartState, SweepState } from '@hilltop/contracts';
import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { ScheduleEntity } from './schedule.entity.js';

/** One time at which a schedule was due. The row is the claim: who inserts it has started it, nobody else can. */
@Entity('schedule_start')
@Index('schedule_start_due', ['scheduleId', 'dueAt'], { unique: true })
@Index('schedule_start_running', ['scheduleId'], { unique: true, where: "state = 'running'" })
export class StartEntity {
  @PrimaryColumn('text') id!: string;
  /** Order of making. */
  @Index('schedule_start_position', { unique: true })
  @Column('bigint')
  position!: number;
  @Column('text') scheduleId!: string;
  @ManyToOne(() => ScheduleEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'scheduleId', foreignKeyConstraintName: 'schedule_start_schedule' })
  schedule?: ScheduleEntity;
  @Column('text') dueAt!: string;
  @Column('text') at!: string;
  @Column('text') cause!: ScheduleStart['cause'];
  @Column('text') state!: StartState;
  @Column('integer', { nullable: true }) count!: number | null;
  @Index('schedule_start_sweep')
  @Column('text', { nullable: true })
  sweepId!: string | null;
  @Column('text', { nullable: true }) sweepState!: SweepState | null;
  /** Its sweep has ended and is still to be held against the baseline. */
  @Column('boolean') gateOpen!: boolean;
  @Column('text', { nullable: true }) gateId!: string | null;
  @Column('text', { nullable: true }) verdict!: GateVerdict | null;
  @Column('simple-json', { nullable: true }) error!: NonNullable<ScheduleStart['error']> | null;
  @Column('text', { nullable: true }) startedBy!: string | null;
  @Column('text', { nullable: true }) endedAt!: string | null;
}
