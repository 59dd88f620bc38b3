import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A sweep pinned by name. */
@Entity('baseline')
export class BaselineEntity {
  @PrimaryColumn('text') id!: string;
  @Index('baseline_name', { unique: true })
  @Column('text')
  name!: string;
  @Column('text') sweepId!: string;
  @Column('text') sweepName!: string;
  @Column('text', { nullable: true }) createdBy!: string | null;
  @Column('text') createdAt!: string;
}
