import type { DeviceState } from '@hilltop/contracts';
import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';

/** A device came, went, or left the rotation. That it is busy or cooling is no change: runs tell that. */
@Entity('device_change')
@Index('device_change_device', ['deviceId', 'seq'])
export class DeviceChangeEntity {
  @PrimaryGeneratedColumn() seq!: number;
  @Column('text') deviceId!: string;
  @Column('text') at!: string;
  @Column('text') state!: DeviceState;
  @Column('text', { nullable: true }) reason!: string | null;
  @Column('text', { nullable: true }) by!: string | null;
}
