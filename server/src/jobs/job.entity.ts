import type { Job, JobState, Protocol, RunSettings, Selector } from '@hilltop/contracts';
import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { ModelEntity } from '../models/model.entity.js';

/** What for: to measure, or to see whether a device is well. */
export type JobPurpose = 'measure' | 'canary';

/** A request: variants x selector x protocol. */
@Entity('job')
export class JobEntity {
  @PrimaryColumn('text') id!: string;
  /** Order of submission. */
  @Index('job_position', { unique: true })
  @Column('bigint')
  position!: number;
  @Column('text', { nullable: true }) name!: string | null;
  @Index('job_model')
  @Column('text')
  modelId!: string;
  @ManyToOne(() => ModelEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'modelId', foreignKeyConstraintName: 'job_model' })
  model?: ModelEntity;
  @Column('text') modelName!: string;
  @Column('simple-json') recipes!: string[];
  @Column('simple-json') selector!: Selector;
  @Column('simple-json') protocol!: Protocol;
  @Column('simple-json') settings!: RunSettings[];
  @Column('integer', { nullable: true }) parallel!: number | null;
  @Column('integer', { nullable: true }) maxFailures!: number | null;
  @Column('integer', { default: 0 }) priority!: number;
  @Column('integer', { nullable: true }) replicates!: number | null;
  /** A health check's job starts where no other may. */
  @Column('text', { default: 'measure' }) purpose!: JobPurpose;
  /** Whose it is (`ownerOf`); empty: of before that was kept. */
  @Column('text', { default: '' }) owner!: string;
  @Index('job_sweep')
  @Column('text', { nullable: true })
  sweepId!: string | null;
  @Index('job_state')
  @Column('text')
  state!: JobState;
  /** Set as soon as the job is to stop; its state follows when the last run has ended. */
  @Column('simple-json', { nullable: true }) error!: NonNullable<Job['error']> | null;
  @Column('text', { nullable: true }) createdBy!: string | null;
  @Column('text') createdAt!: string;
  @Column('text', { nullable: true }) startedAt!: string | null;
  @Column('text', { nullable: true }) endedAt!: string | null;
}
