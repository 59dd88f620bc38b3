import type {
  EnergyBudget,
  Floor,
  MetricValues,
  Protocol,
  RunEnvironment,
  RunError,
  RunSettings,
  RunState,
  Verdict,
} from '@hilltop/contracts';
import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { DeviceEntity } from '../devices/device.entity.js';
import { JobEntity } from '../jobs/job.entity.js';
import { VariantEntity } from '../variants/variant.entity.js';

/** One variant on one device under one protocol. */
@Entity('run')
@Index('run_device_state', ['deviceId', 'state'])
@Index('run_job_state', ['jobId', 'state'])
@Index('run_model', ['modelId', 'position'])
// What may start: the dispatcher reads this alone, never the runs that have ended.
@Index('run_waiting', ['deviceId', 'state', 'jobId', 'position'], {
  where: `state = 'queued' AND "artifactSha256" IS NOT NULL`,
})
export class RunEntity {
  @PrimaryColumn('text') id!: string;
  /** Order of submission over all jobs. */
  @Index('run_position', { unique: true })
  @Column('bigint')
  position!: number;
  @Column('text') jobId!: string;
  @ManyToOne(() => JobEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'jobId', foreignKeyConstraintName: 'run_job' })
  job?: JobEntity;
  @Column('text') modelId!: string;
  @Index('run_variant')
  @Column('text')
  variantId!: string;
  @ManyToOne(() => VariantEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'variantId', foreignKeyConstraintName: 'run_variant' })
  variant?: VariantEntity;
  @Column('text') recipe!: string;
  @Column('text') deviceId!: string;
  @ManyToOne(() => DeviceEntity)
  @JoinColumn({ name: 'deviceId', foreignKeyConstraintName: 'run_device' })
  device?: DeviceEntity;
  @Column('simple-json') protocol!: Protocol;
  @Column('simple-json') settings!: RunSettings;
  /** Absent until the variant is built. */
  @Index('run_artifact')
  @Column('text', { nullable: true })
  artifactSha256!: string | null;
  @Column('bigint', { nullable: true }) artifactBytes!: number | null;
  @Index('run_evaluation')
  @Column('text', { nullable: true })
  evaluationSha256!: string | null;
  @Index('run_state')
  @Column('text')
  state!: RunState;
  /** Number of the newest granted attempt; 0 before the first. */
  @Column('integer') attempt!: number;
  @Column('bigint', { nullable: true }) fence!: number | null;
  /** Why it is to stop; the state follows when the agent has stopped, or its claim has run out. */
  @Column('text', { nullable: true }) cancelReason!: string | null;
  @Column('simple-json', { nullable: true }) error!: RunError | null;
  @Column('simple-json', { nullable: true }) verdict!: Verdict | null;
  @Column('simple-json') metrics!: MetricValues;
  @Column('simple-json', { nullable: true }) energy!: EnergyBudget | null;
  @Column('simple-json', { nullable: true }) environment!: RunEnvironment | null;
  @Column('simple-json', { nullable: true }) floor!: Floor | null;
  /** The disturbed run that this one repeats. */
  @Index('run_repeat')
  @Column('text', { nullable: true })
  repeatOf!: string | null;
  @Column('bigint', { nullable: true }) transferBytes!: number | null;
  @Column('text') queuedAt!: string;
  /** In queues, over all attempts; time of attempts that were lost is not in it. */
  @Column('bigint', { nullable: true }) waitedMs!: number | null;
  @Column('text', { nullable: true }) claimedAt!: string | null;
  @Column('text', { nullable: true }) startedAt!: string | null;
  @Column('text', { nullable: true }) endedAt!: string | null;
}
