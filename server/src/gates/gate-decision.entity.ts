import type { GateDecision } from '@hilltop/contracts';
import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { GateEntity } from './gate.entity.js';

/** What a person said of a row, in order: the newest counts, the others are its history. */
@Entity('gate_decision')
export class GateDecisionEntity {
  @PrimaryColumn('text') gateId!: string;
  @PrimaryColumn('integer') row!: number;
  @PrimaryColumn('integer') n!: number;
  @ManyToOne(() => GateEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'gateId', foreignKeyConstraintName: 'gate_decision_gate' })
  gate?: GateEntity;
  @Column('text') state!: GateDecision['state'];
  @Column('text', { nullable: true }) comment!: string | null;
  /** That measures the row again. */
  @Column('text', { nullable: true }) jobId!: string | null;
  @Column('text') decidedBy!: string;
  @Column('text') decidedAt!: string;
}
