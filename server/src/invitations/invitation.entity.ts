import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A link that lets people in to watch, without its code. */
@Entity('invitation')
export class InvitationEntity {
  @PrimaryColumn('text') id!: string;
  /** SHA-256 of the code, 64 hex digits: 178 random bits need no slow hash. */
  @Index('invitation_hash', { unique: true })
  @Column('text')
  hash!: string;
  @Column('text') path!: string;
  @Column('text', { nullable: true }) label!: string | null;
  @Column('text') owner!: string;
  @Column('text') createdBy!: string;
  @Column('text') createdAt!: string;
  @Column('text') expiresAt!: string;
  @Column('text', { nullable: true }) revokedAt!: string | null;
}
