import type { Note, NoteSubjectKind } from '@hilltop/contracts';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A person's remark on a thing. */
@Entity('note')
export class NoteEntity {
  @PrimaryColumn('text') id!: string;
  /** Order of writing. */
  @Index('note_position', { unique: true })
  @Column('bigint')
  position!: number;
  @Column('integer') revision!: number;
  @Column('text') subjectKind!: NoteSubjectKind;
  @Index('note_subject')
  @Column('text')
  subjectId!: string;
  @Column('simple-json') about!: Note['about'];
  @Column('text') owner!: string;
  @Column('text') name!: string;
  @Column('text') text!: string;
  @Column('simple-json') mentions!: Note['mentions'];
  @Column('text') createdAt!: string;
  @Column('text', { nullable: true }) editedAt!: string | null;
  @Column('simple-json', { nullable: true }) resolved!: NonNullable<Note['resolved']> | null;
  @Column('text', { nullable: true }) deletedAt!: string | null;
}
