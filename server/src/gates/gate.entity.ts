import type { GateEnvironment, GateMissing, GateRow, GateSummary, GateVerdict, MetricId } from '@hilltop/contracts';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A sweep held against a baseline. What it found stays as it was found, whatever becomes of sweep and baseline. */
@Entity('gate')
export class GateEntity {
  @PrimaryColumn('text') id!: string;
  /** Order of making. */
  @Index('gate_position', { unique: true })
  @Column('bigint')
  position!: number;
  @Index('gate_sweep')
  @Column('text')
  sweepId!: string;
  @Column('text') sweepName!: string;
  @Column('text') baselineId!: string;
  @Column('text') baselineName!: string;
  @Column('text') baselineSweepId!: string;
  @Column('real') maxRegression!: number;
  @Column('simple-json') metrics!: MetricId[];
  /** Follows the decisions. */
  @Column('text') verdict!: GateVerdict;
  @Column('simple-json') counts!: GateSummary['counts'];
  @Column('simple-json') environment!: GateEnvironment[];
  @Column('simple-json', { select: false }) missing!: GateMissing[];
  /** As judged, without decisions. Large: read only where it is shown. */
  @Column('simple-json', { select: false }) rows!: GateRow[];
  @Column('text', { nullable: true }) createdBy!: string | null;
  @Column('text') createdAt!: string;
}
