import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** What is being uploaded. How much of it is there is known by the file alone. */
@Entity('upload')
export class UploadEntity {
  @PrimaryColumn('text')
  id!: string;

  @Index('upload_sha256')
  @Column('text')
  sha256!: string;

  @Column('integer')
  bytes!: number;

  @Column('text', { nullable: true })
  name!: string | null;

  /** Id of the token that began it. */
  @Column('text')
  createdBy!: string;

  @Column('text')
  createdAt!: string;

  /** When the blob was stored and verified. */
  @Column('text', { nullable: true })
  completedAt!: string | null;
}
