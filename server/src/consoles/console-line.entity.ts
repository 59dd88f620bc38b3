import type { ConsoleKey, ConsoleOutcome } from '@hilltop/contracts';
import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';

/** A piece of a console's transcript, in the order in which the lab saw it. */
@Entity('console_line')
@Index('console_line_device', ['deviceId', 'position'])
export class ConsoleLineEntity {
  @PrimaryGeneratedColumn('increment') position!: number;
  @Column('text') deviceId!: string;
  @Index('console_line_run')
  @Column('text', { nullable: true })
  runId!: string | null;
  @Index('console_line_at')
  @Column('text')
  at!: string;
  @Column('text') kind!: 'out' | 'in' | 'mark';
  @Column('text') text!: string;
  /** Id of a user, or of a pipeline's token. */
  @Column('text', { nullable: true }) owner!: string | null;
  @Column('text', { nullable: true }) name!: string | null;
  @Column('text', { nullable: true }) key!: ConsoleKey | null;
  @Column('text', { nullable: true }) outcome!: ConsoleOutcome | null;
  @Column('text', { nullable: true }) code!: string | null;
  @Column('integer', { nullable: true }) dropped!: number | null;
}
