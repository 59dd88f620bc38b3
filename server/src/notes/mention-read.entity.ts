import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Up to when a user has read the notes that name them. */
@Entity('mention_read')
export class MentionReadEntity {
  @PrimaryColumn('text') userId!: string;
  @Column('text') readUpTo!: string;
}
