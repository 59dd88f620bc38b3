import type { Destination, NewsKind } from '@hilltop/contracts';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** Who is told of what. */
@Entity('subscription')
export class SubscriptionEntity {
  @PrimaryColumn('text') id!: string;
  @Index('subscription_name', { unique: true })
  @Column('text')
  name!: string;
  @Column('simple-json') to!: Destination;
  /** Sealed with the lab's key: a copy of the database alone signs nothing. Never read by lists. */
  @Column('text', { nullable: true, select: false }) secret!: string | null;
  @Column('simple-json') on!: NewsKind[];
  @Column('text', { nullable: true }) disabledAt!: string | null;
  @Column('text', { nullable: true }) disabledReason!: string | null;
  /** Attempts that failed since the last one that did not. */
  @Column('integer') failures!: number;
  @Column('text', { nullable: true }) lastError!: string | null;
  /** Not tried before then. */
  @Column('text', { nullable: true }) nextTryAt!: string | null;
  @Column('text', { nullable: true }) deliveredAt!: string | null;
  @Column('text') createdBy!: string;
  @Column('text') createdAt!: string;
}
