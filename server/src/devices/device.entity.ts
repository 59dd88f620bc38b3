import type { CheckOutcome, DeviceFacts, DeviceKind, DeviceState, Floor, Labels, Quarantine } from '@hilltop/contracts';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** One unit under test. `fence` counts every claim ever granted on it and never goes back. */
@Entity('device')
@Index('device_agent_key', ['agentId', 'key'], { unique: true })
export class DeviceEntity {
  @PrimaryColumn('text') id!: string;
  @Column('text') agentId!: string;
  /** The agent's own stable name for it. */
  @Column('text') key!: string;
  @Index('device_name', { unique: true })
  @Column('text')
  name!: string;
  @Column('text') kind!: DeviceKind;
  @Column('text') type!: string;
  @Column('boolean') emulated!: boolean;
  @Column('text') agentVersion!: string;
  /** What the agent says of it. */
  @Column('simple-json') reportedLabels!: Labels;
  /** From the join token and from people: these win. */
  @Column('simple-json') ownLabels!: Labels;
  @Column('text') state!: DeviceState;
  @Column('text', { nullable: true }) stateReason!: string | null;
  /** Out of rotation: only health checks run on it. */
  @Column('simple-json', { nullable: true }) quarantine!: Quarantine | null;
  /** A person put it back: what was before is no evidence any more. */
  @Column('text', { nullable: true }) healthySince!: string | null;
  /** How its newest health check that found something out ended. */
  @Column('simple-json', { nullable: true }) lastCheck!: CheckOutcome | null;
  @Column('simple-json') facts!: DeviceFacts;
  @Column('simple-json', { nullable: true }) floor!: Floor | null;
  @Column('bigint', { default: 0 }) fence!: number;
  @Column('text', { nullable: true }) currentRunId!: string | null;
  /** Runs waiting for it; counted again in every write that changes its queue. */
  @Column('integer', { default: 0 }) queued!: number;
  @Column('text', { nullable: true }) lastSeenAt!: string | null;
  @Column('text') createdAt!: string;
}
