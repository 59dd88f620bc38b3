import type { LeaseAnswer, LeaseEnd, Selector } from '@hilltop/contracts';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** What of a question is kept; instants are ISO text. */
export interface StoredAsk {
  readonly owner: string;
  readonly name: string;
  readonly person: boolean;
  readonly at: string;
  readonly answer?: LeaseAnswer;
  readonly givesAt?: string;
}

/** A wish for a device, and the lease it becomes. `ending` is seen by the clock and not stored. */
@Entity('reservation')
// Two holders of one device cannot be written, whatever the rules say.
@Index('reservation_held', ['deviceId'], { unique: true, where: "state IN ('granted','held')" })
export class ReservationEntity {
  @PrimaryColumn('text') id!: string;
  /** Order of the queue. */
  @Index('reservation_position', { unique: true })
  @Column('bigint')
  position!: number;
  /** Ahead of the queue: an admin's. */
  @Column('boolean', { default: false }) front!: boolean;
  @Column('integer') revision!: number;
  @Index('reservation_state')
  @Column('text')
  state!: 'queued' | 'granted' | 'held' | 'ended';
  /** Id of a user, or of a pipeline's token. */
  @Column('text') owner!: string;
  @Column('text') name!: string;
  /** A pipeline takes what it is granted at once. */
  @Column('boolean') person!: boolean;
  @Column('simple-json') selector!: Selector;
  @Column('text', { nullable: true }) deviceId!: string | null;
  @Column('integer') forSeconds!: number;
  @Column('text', { nullable: true }) until!: string | null;
  @Column('bigint', { nullable: true }) fence!: number | null;
  @Column('simple-json', { nullable: true }) ask!: StoredAsk | null;
  @Column('simple-json', { nullable: true }) forced!: { by: string; reason: string; at: string } | null;
  @Column('text', { nullable: true }) endReason!: LeaseEnd | null;
  @Column('text', { nullable: true }) note!: string | null;
  @Column('text') createdAt!: string;
  @Column('text', { nullable: true }) takenAt!: string | null;
  @Column('text', { nullable: true }) endedAt!: string | null;
}
