import type { MissedPolicy, SweepFile } from '@hilltop/contracts';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { Actor } from '../access/actor.js';

/** A cron rule that starts sweeps. */
@Entity('schedule')
export class ScheduleEntity {
  @PrimaryColumn('text') id!: string;
  @Index('schedule_name', { unique: true })
  @Column('text')
  name!: string;
  @Column('text') cron!: string;
  @Column('text') timezone!: string;
  @Column('simple-json') file!: SweepFile;
  @Column('text') missed!: MissedPolicy;
  @Column('boolean') paused!: boolean;
  @Column('text', { nullable: true }) baseline!: string | null;
  @Column('real', { nullable: true }) maxRegression!: number | null;
  /** Whose it is, as they were; what they may do is looked up at each start. */
  @Column('simple-json') actor!: Actor;
  @Column('text') createdAt!: string;
  /** Everything that was due up to then has its row. */
  @Column('text') lookedAt!: string;
}
