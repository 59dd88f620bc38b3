import { Column, Entity, PrimaryColumn } from 'typeorm';

/** How far an agent's journal has been applied: everything below `nextSeq` is committed. */
@Entity('agent_cursor')
export class AgentCursorEntity {
  @PrimaryColumn('text') agentId!: string;
  @PrimaryColumn('text') journalId!: string;
  @Column('bigint') nextSeq!: number;
}
