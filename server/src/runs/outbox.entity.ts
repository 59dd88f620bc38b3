import type { ChannelPayload } from '@hilltop/contracts';
import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';

/** Channels whose messages must survive a crash between commit and sending. */
export type OutboxChannel = 'down/run.start' | 'down/run.cancel';

/** A message to an agent, written in the same transaction as what it tells; sent and removed after the commit. */
@Entity('outbox')
export class OutboxEntity {
  @PrimaryGeneratedColumn('increment') id!: number;
  @Index('outbox_agent')
  @Column('text')
  agentId!: string;
  @Index('outbox_run')
  @Column('text')
  runId!: string;
  @Column('text') channel!: OutboxChannel;
  @Column('simple-json') payload!: ChannelPayload<OutboxChannel>;
  @Column('text') createdAt!: string;
}
