import type {
  MetricValues,
  ProtocolName,
  RunError,
  RunSettings,
  TrialReason,
  TrialState,
  Verdict,
} from '@hilltop/contracts';
import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { SweepEntity } from './sweep.entity.js';

/**
 * One proposed point of a sweep. What its runs came to is kept here too: it stays when the model and its runs are gone. That
 * nothing is tried twice by accident is for the database to see to.
 */
@Entity('trial')
@Index('trial_number', ['sweepId', 'number'], { unique: true })
@Index('trial_point', ['sweepId', 'modelId', 'recipe', 'settingsKey', 'deviceId', 'protocol', 'replicate'], {
  unique: true,
})
@Index('trial_state', ['state'])
export class TrialEntity {
  @PrimaryColumn('text') id!: string;
  @Column('text') sweepId!: string;
  @ManyToOne(() => SweepEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'sweepId', foreignKeyConstraintName: 'trial_sweep' })
  sweep?: SweepEntity;
  @Column('integer') number!: number;
  @Column('text') modelId!: string;
  @Column('text') recipe!: string;
  @Column('simple-json') settings!: RunSettings;
  @Column('text') settingsKey!: string;
  @Column('text') pointKey!: string;
  @Column('text') deviceId!: string;
  @Column('text') deviceName!: string;
  @Column('text') protocol!: ProtocolName;
  /** How often this point was chosen here under this protocol before, plus one. */
  @Column('integer') replicate!: number;
  @Column('text') state!: TrialState;
  @Column('text') reason!: TrialReason;
  @Column('text') why!: string;
  @Index('trial_job', { unique: true })
  @Column('text', { nullable: true })
  jobId!: string | null;
  /** The run that counts: of disturbed ones and their repetitions, the last. */
  @Column('text', { nullable: true }) runId!: string | null;
  @Column('simple-json', { nullable: true }) error!: RunError | null;
  @Column('simple-json') metrics!: MetricValues;
  @Column('text', { nullable: true }) verdict!: Verdict['verdict'] | null;
  @Column('real', { nullable: true }) hypervolume!: number | null;
  /** Runs that were begun for it. */
  @Column('integer') runs!: number;
  @Column('real', { nullable: true }) deviceSeconds!: number | null;
  @Column('text') proposedAt!: string;
  /** Order in which trials ended, from 1; null while it is open. */
  @Column('integer', { nullable: true }) endedNumber!: number | null;
  @Column('text', { nullable: true }) endedAt!: string | null;
}
