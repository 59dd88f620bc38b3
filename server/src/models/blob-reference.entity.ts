import { Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { ModelEntity } from './model.entity.js';

/** A blob that a model, or anything made from it, needs: when the last reference goes, the blob may go. */
@Entity('blob_reference')
export class BlobReferenceEntity {
  @PrimaryColumn('text') sha256!: string;
  @Index('blob_reference_model')
  @PrimaryColumn('text')
  modelId!: string;
  @ManyToOne(() => ModelEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'modelId', foreignKeyConstraintName: 'blob_reference_model' })
  model?: ModelEntity;
}
