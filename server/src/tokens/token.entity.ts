import type { Labels, Role, TokenKind } from '@hilltop/contracts';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A token without its secret: 178 random bits need no slow hash, so SHA-256 it is. */
@Entity('token')
export class TokenEntity {
  @PrimaryColumn('text')
  id!: string;

  @Column('text')
  kind!: TokenKind;

  /** SHA-256 of the whole secret, 64 hex digits. */
  @Index('token_hash', { unique: true })
  @Column('text')
  hash!: string;

  @Column('text', { nullable: true })
  name!: string | null;

  /** `usr`: whose token; its role is the user's. */
  @Column('text', { nullable: true })
  userId!: string | null;

  /** `svc`: what it may do. */
  @Column('text', { nullable: true })
  role!: Role | null;

  /** `join`: how many agents may still enrol. */
  @Column('integer', { nullable: true })
  usesLeft!: number | null;

  /** `join`: labels of the agents that enrol with it. */
  @Column('simple-json', { nullable: true })
  labels!: Labels | null;

  /** Who made it: id of a token; absent when the lab itself did. */
  @Column('text', { nullable: true })
  createdBy!: string | null;

  @Column('text')
  createdAt!: string;

  @Column('text', { nullable: true })
  expiresAt!: string | null;

  /** Day of last use, so that use costs at most one write a day. */
  @Column('text', { nullable: true })
  lastUsedOn!: string | null;

  @Column('text', { nullable: true })
  revokedAt!: string | null;

  /** Of a guest: the invitation it came by. */
  @Index('token_invitation')
  @Column('text', { nullable: true })
  invitationId!: string | null;

  /** Of a guest: which one; `Guest 3`. */
  @Column('integer', { nullable: true })
  guestNumber!: number | null;
}
