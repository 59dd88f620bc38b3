import type { MetricId, ProtocolName } from '@hilltop/contracts';
import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { ModelEntity } from '../models/model.entity.js';

/** Where hypervolume is measured from; written once, at the first clean fp32 run, so that volumes stay comparable. */
@Entity('reference_point')
export class ReferencePointEntity {
  @PrimaryColumn('text') modelId!: string;
  @PrimaryColumn('text') deviceType!: string;
  @PrimaryColumn('text') protocol!: ProtocolName;
  @PrimaryColumn('text') metric!: MetricId;
  @ManyToOne(() => ModelEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'modelId', foreignKeyConstraintName: 'reference_point_model' })
  model?: ModelEntity;
  /** fp32's own value at that run. */
  @Column('real') fp32!: number;
  @Column('real') value!: number;
  @Column('text') runId!: string;
  @Column('text') createdAt!: string;
}
