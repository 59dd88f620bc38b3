import type { EnergyBudget, MetricValues, SummaryBasis, Verdict } from '@hilltop/contracts';
import { Column, Entity, Index, JoinColumn, OneToOne, PrimaryColumn } from 'typeorm';
import { RunEntity } from '../runs/run.entity.js';

/** Metrics of a run: exactly one for each run that succeeded. */
@Entity('summary')
export class SummaryEntity {
  @PrimaryColumn('text') runId!: string;
  @OneToOne(() => RunEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'runId', foreignKeyConstraintName: 'summary_run' })
  run?: RunEntity;
  @Index('summary_key')
  @Column('text')
  key!: string;
  @Column('simple-json') metrics!: MetricValues;
  @Column('simple-json') verdict!: Verdict;
  @Column('simple-json') basis!: SummaryBasis;
  @Column('simple-json', { nullable: true }) energy!: EnergyBudget | null;
  /** Blob of int32 classes by item, for `agreement` of later runs. */
  @Column('text', { nullable: true }) predictedBlob!: string | null;
  @Column('integer') version!: number;
  @Column('text') createdAt!: string;
}
