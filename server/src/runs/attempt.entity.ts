import { type Floor, type RunEnvironment, type RunError, type RunState } from '@hilltop/contracts';
import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { RunEntity } from './run.entity.js';

/** State of an attempt: its run's while it counts; `superseded` when a newer one counts instead. */
export type AttemptState = Exclude<RunState, 'queued'> | 'superseded';

/** One try of a run: who holds it, under which fence. The index forbids two held attempts on one device. */
@Entity('attempt')
@Index('attempt_held', ['deviceId'], { unique: true, where: "state IN ('claimed','preparing','running','reporting')" })
@Index('attempt_fence', ['deviceId', 'fence'], { unique: true })
export class AttemptEntity {
  @PrimaryColumn('text') runId!: string;
  @PrimaryColumn('integer') n!: number;
  @ManyToOne(() => RunEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'runId', foreignKeyConstraintName: 'attempt_run' })
  run?: RunEntity;
  @Column('text') deviceId!: string;
  @Index('attempt_agent')
  @Column('text')
  agentId!: string;
  @Column('bigint') fence!: number;
  @Column('text') state!: AttemptState;
  /** Batches of observations stored so far: the next expected `seq`. */
  @Column('integer', { default: 0 }) batches!: number;
  @Column('simple-json', { nullable: true }) environment!: RunEnvironment | null;
  @Column('simple-json', { nullable: true }) floor!: Floor | null;
  @Column('simple-json', { nullable: true }) error!: RunError | null;
  @Column('bigint', { nullable: true }) transferBytes!: number | null;
  @Column('text') claimedAt!: string;
  @Column('text', { nullable: true }) startedAt!: string | null;
  @Column('text', { nullable: true }) endedAt!: string | null;
}
