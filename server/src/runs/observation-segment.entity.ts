import type { ObservationKind } from '@hilltop/contracts';
import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { RunEntity } from './run.entity.js';

/** Where one batch of observations lies: `length` bytes at `offset` of the inflated blob, column after column. */
@Entity('observation_segment')
export class ObservationSegmentEntity {
  @PrimaryColumn('text') runId!: string;
  @PrimaryColumn('integer') attempt!: number;
  @PrimaryColumn('integer') seq!: number;
  @ManyToOne(() => RunEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'runId', foreignKeyConstraintName: 'observation_segment_run' })
  run?: RunEntity;
  @Column('text') kind!: ObservationKind;
  @Column('integer') block!: number;
  @Column('integer') rows!: number;
  @Column('text') blob!: string;
  @Column('integer') offset!: number;
  @Column('integer') length!: number;
}
