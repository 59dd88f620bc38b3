import type { DataSet, QualityMetric, TensorInfo, Training } from '@hilltop/contracts';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A source model with its labelled data; immutable. */
@Entity('model')
export class ModelEntity {
  @PrimaryColumn('text') id!: string;
  @Index('model_name', { unique: true })
  @Column('text')
  name!: string;
  @Column('text') sha256!: string;
  @Column('bigint') bytes!: number;
  @Column('integer') opset!: number;
  /** Concrete shapes of one inference. */
  @Column('simple-json') inputs!: TensorInfo[];
  @Column('simple-json') outputs!: TensorInfo[];
  @Column('bigint') parameters!: number;
  @Column('text', { nullable: true }) qualityMetric!: QualityMetric | null;
  @Column('simple-json', { nullable: true }) evaluation!: DataSet | null;
  @Column('simple-json', { nullable: true }) validation!: DataSet | null;
  @Column('simple-json', { nullable: true }) calibration!: DataSet | null;
  /** As stated by who pushed it. */
  @Column('simple-json', { nullable: true }) training!: Training | null;
  /** In no list: the lab's own. */
  @Column('boolean', { default: false }) hidden!: boolean;
  @Column('text', { nullable: true }) createdBy!: string | null;
  @Column('text') createdAt!: string;
}
