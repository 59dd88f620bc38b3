import {
  allows,
  type Change,
  LabError,
  type Mentions,
  mentionsIn,
  type Note,
  type NoteCreate,
  type NoteQuery,
  type NoteUpdate,
  type Topic,
} from '@hilltop/contracts';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { type EntityManager, In } from 'typeorm';
import { type Actor, ownerOf } from '../access/actor.js';
import { decodeCursor, page } from '../access/page.js';
import { newId } from '../ids.js';
import { Database } from '../links/database.js';
import { LiveService } from '../live/live.service.js';
import { UserEntity } from '../users/user.entity.js';
import { MentionReadEntity } from './mention-read.entity.js';
import { NoteEntity } from './note.entity.js';
import { aboutOf } from './note-subjects.js';

/** Notes that a snapshot holds. */
const shownNotes = 200;
/** Notes that name somebody, as they are listed for them. */
const shownMentions = 50;

/** Remarks of people: written and settled by anybody, changed by their author alone, never lost without a trace. */
@Injectable()
export class NoteService implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly live: LiveService,
  ) {}

  onModuleInit(): void {
    this.live.register('note', {
      load: async (ids) =>
        this.#changes(
          await this.#rows()
            .where({ id: In([...ids]) })
            .getMany(),
        ),
      list: async (topic) => this.#changes(await this.#of(topic)),
    });
  }

  /** Throws `note.subject-unknown`. */
  async create(actor: Actor, wish: NoteCreate): Promise<Note> {
    const row = await this.database.write(
      async (manager) => {
        const note = manager.create(NoteEntity, {
          id: newId('not'),
          position: Number((await manager.maximum(NoteEntity, 'position')) ?? 0) + 1,
          revision: 1,
          subjectKind: wish.subject.kind,
          subjectId: wish.subject.id,
          about: await aboutOf(manager, wish.subject),
          owner: ownerOf(actor),
          name: actor.name,
          text: wish.text,
          mentions: await mentionsOf(manager, wish.text),
          createdAt: new Date().toISOString(),
          editedAt: null,
          resolved: null,
          deletedAt: null,
        });
        await manager.insert(NoteEntity, note);
        this.#touch(note.id);
        return note;
      },
      { label: 'note.create' },
    );
    return view(row);
  }

  /** Newest first. */
  async list(actor: Actor, query: NoteQuery): Promise<{ items: Note[]; next?: string }> {
    const rows = this.#rows();
    if (query.subject !== undefined) rows.andWhere('note.subjectId = :subject', { subject: query.subject });
    if (query.mentions === 'me')
      rows
        .andWhere('note.resolved IS NULL AND note.deletedAt IS NULL')
        .andWhere('note.mentions LIKE :owner', { owner: `%"${ownerOf(actor)}"%` });
    if (query.cursor !== undefined) rows.andWhere('note.position < :at', { at: positionOf(query.cursor) });
    const found = await rows.limit(query.limit + 1).getMany();
    return page(found, query.limit, (row) => ({ at: String(row.position), id: row.id }), view);
  }

  /** The newest that name the caller, settled or not; empty for one who is no user. */
  async mentions({ userId }: Actor): Promise<Mentions> {
    if (userId === undefined) return { items: [] };
    const read = await this.database.reader.getRepository(MentionReadEntity).findOneBy({ userId });
    const found = await this.#rows()
      .where('note.deletedAt IS NULL')
      .andWhere('note.mentions LIKE :user', { user: `%"${userId}"%` })
      .limit(shownMentions)
      .getMany();
    return { items: found.map(view), ...(read && { readUpTo: read.readUpTo }) };
  }

  /** Throws `auth.forbidden` for one who is no user. */
  async readMentions(actor: Actor, readUpTo: string): Promise<Mentions> {
    const { userId } = actor;
    if (userId === undefined) throw new LabError('auth.forbidden', 'nobody mentions a service token');
    await this.database.write(
      async (manager) => {
        const before = await manager.findOneBy(MentionReadEntity, { userId });
        if (before && before.readUpTo >= readUpTo) return;
        await manager.upsert(MentionReadEntity, { userId, readUpTo }, ['userId']);
      },
      { label: 'mention.read' },
    );
    return this.mentions(actor);
  }

  /** Throws `note.unknown`, `note.changed` with what it is now, `note.not-yours`. */
  async update(actor: Actor, id: string, update: NoteUpdate): Promise<Note> {
    return this.#change(id, update.revision, async (manager, row, at) => {
      if (update.text !== undefined) demandAuthor(actor, row);
      return {
        ...(update.text !== undefined && {
          text: update.text,
          mentions: await mentionsOf(manager, update.text),
          editedAt: at,
        }),
        ...(update.resolved !== undefined && { resolved: update.resolved ? { by: actor.name, at } : null }),
      };
    });
  }

  /** The text goes, that there was one stays. Authors and admins. Throws `note.unknown`, `note.not-yours`. */
  async remove(actor: Actor, id: string): Promise<Note> {
    return this.#change(id, undefined, async (_manager, row, at) => {
      if (!allows(actor.role, 'admin')) demandAuthor(actor, row);
      return { text: '', mentions: [], deletedAt: at };
    });
  }

  async #change(
    id: string,
    seen: number | undefined,
    to: (manager: EntityManager, row: NoteEntity, at: string) => Promise<Partial<NoteEntity>>,
  ): Promise<Note> {
    const row = await this.database.write(
      async (manager) => {
        const before = await manager.findOneBy(NoteEntity, { id });
        if (!before || before.deletedAt !== null)
          throw new LabError('note.unknown', 'there is no such note', { note: id });
        if (seen !== undefined && seen !== before.revision)
          throw new LabError('note.changed', `${before.name} changed it meanwhile; look at both texts`, {
            note: view(before),
          });
        const change = await to(manager, before, new Date().toISOString());
        await manager.update(NoteEntity, { id }, { ...change, revision: before.revision + 1 });
        this.#touch(id);
        return manager.findOneByOrFail(NoteEntity, { id });
      },
      { label: 'note.change' },
    );
    return view(row);
  }

  #touch(id: string): void {
    this.database.afterCommit(() => this.live.touch('note', id));
  }

  #rows() {
    return this.database.reader.getRepository(NoteEntity).createQueryBuilder('note').orderBy('note.position', 'DESC');
  }

  async #of(topic: Topic): Promise<NoteEntity[]> {
    const rows = this.#rows().limit(shownNotes);
    if (topic === 'lab') return rows.where("note.resolved IS NULL AND note.mentions <> '[]'").getMany();
    const [kind, id] = topic.split('/') as [string, string];
    return rows.where('note.about LIKE :about', { about: `%"${kind}Id":"${id}"%` }).getMany();
  }

  #changes(rows: readonly NoteEntity[]): Change[] {
    return rows.map((row) => ({ kind: 'note', id: row.id, value: view(row) }));
  }
}

function demandAuthor(actor: Actor, row: NoteEntity): void {
  if (row.owner !== ownerOf(actor))
    throw new LabError('note.not-yours', `${row.name} wrote it; answer with a note of your own`, { author: row.name });
}

async function mentionsOf(manager: EntityManager, text: string): Promise<Note['mentions']> {
  if (!text.includes('@')) return [];
  return mentionsIn(text, await manager.find(UserEntity)).map(({ id, name }) => ({ id, name }));
}

function view(row: NoteEntity): Note {
  return {
    id: row.id,
    revision: row.revision,
    subject: {
      kind: row.subjectKind,
      id: row.subjectId,
      ...(row.about.row !== undefined && { row: row.about.row }),
    },
    about: row.about,
    author: { owner: row.owner, name: row.name },
    text: row.text,
    mentions: row.mentions,
    createdAt: row.createdAt,
    ...(row.editedAt !== null && { editedAt: row.editedAt }),
    ...(row.resolved !== null && { resolved: row.resolved }),
    ...(row.deletedAt !== null && { deletedAt: row.deletedAt }),
  };
}

/** Throws `cursor.invalid`. */
function positionOf(cursor: string): number {
  const at = Number(decodeCursor(cursor).at);
  if (!Number.isSafeInteger(at))
    throw new LabError('cursor.invalid', 'this cursor is not one of ours; start again without it');
  return at;
}
