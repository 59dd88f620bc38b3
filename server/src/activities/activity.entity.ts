import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';

/** Who did what. Rows are added, and told how they ended; never removed. */
@Entity('activity')
export class ActivityEntity {
  @PrimaryGeneratedColumn('increment') seq!: number;
  @Column('text') at!: string;
  @Index('activity_owner')
  @Column('text')
  owner!: string;
  @Column('text') name!: string;
  /** `POST /api/v1/jobs`: what it means is in the contract. */
  @Column('text') route!: string;
  @Index('activity_object')
  @Column('text', { nullable: true })
  objectId!: string | null;
  @Column('text', { nullable: true }) objectName!: string | null;
  /** Code of the error that followed what was already written. */
  @Column('text', { nullable: true }) failed!: string | null;
}
