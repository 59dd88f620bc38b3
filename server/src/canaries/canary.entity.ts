import type { HealthState, RunError, Verdict } from '@hilltop/contracts';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** One health check of a device; it outlives its job. */
@Entity('canary')
@Index('canary_device', ['deviceId', 'createdAt'])
export class CanaryEntity {
  @PrimaryColumn('text') id!: string;
  @Column('text') deviceId!: string;
  @Index('canary_job', { unique: true })
  @Column('text')
  jobId!: string;
  /** Version of the canary's bytes: latencies of different ones do not compare. */
  @Column('integer') version!: number;
  @Column('text') state!: HealthState;
  @Column('real', { nullable: true }) latencyMs!: number | null;
  @Column('real', { nullable: true }) medianMs!: number | null;
  @Column('boolean', { nullable: true }) healthy!: boolean | null;
  @Column('text', { nullable: true }) verdict!: Verdict['verdict'] | null;
  @Column('simple-json', { nullable: true }) error!: RunError | null;
  @Column('text', { nullable: true }) askedBy!: string | null;
  @Column('text') createdAt!: string;
  @Column('text', { nullable: true }) endedAt!: string | null;
}
