import type { Labels } from '@hilltop/contracts';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

@Entity('agent')
export class AgentEntity {
  @PrimaryColumn('text')
  id!: string;

  @Column('text')
  name!: string;

  /** Raw Ed25519 public key, base64url: joining is idempotent by it. */
  @Index('agent_public_key', { unique: true })
  @Column('text')
  publicKey!: string;

  /** From the join token, never from the agent. */
  @Column('simple-json')
  labels!: Labels;

  @Column('text', { nullable: true })
  version!: string | null;

  @Column('text')
  createdAt!: string;

  @Column('text', { nullable: true })
  lastSeenAt!: string | null;

  @Column('text', { nullable: true })
  revokedAt!: string | null;
}
