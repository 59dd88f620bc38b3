import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { SubscriptionEntity } from './subscription.entity.js';

/** One piece of news on its way to one subscription. Its id is the `webhook-id` of every attempt. */
@Entity('news_delivery')
@Index('news_delivery_waiting', ['subscriptionId', 'position'], { where: '"deliveredAt" IS NULL' })
export class DeliveryEntity {
  @PrimaryColumn('text') id!: string;
  /** Order of the news. */
  @Index('news_delivery_position', { unique: true })
  @Column('bigint')
  position!: number;
  @Column('text') subscriptionId!: string;
  @ManyToOne(() => SubscriptionEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'subscriptionId', foreignKeyConstraintName: 'news_delivery_subscription' })
  subscription?: SubscriptionEntity;
  @Column('text') kind!: string;
  /** The same bytes at every attempt. */
  @Column('text') body!: string;
  @Column('text') createdAt!: string;
  @Column('text', { nullable: true }) deliveredAt!: string | null;
}
