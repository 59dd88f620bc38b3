import { Note, NoteCreate, NoteQuery, NoteUpdate, pageOf } from '@hilltop/contracts';
import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import * as z from 'zod';
import { Access } from '../access/access.decorator.js';
import { type Actor, CurrentActor } from '../access/actor.js';
import { Answer } from '../access/answer.decorator.js';
import { zod } from '../access/zod.pipe.js';
import { NoteService } from './note.service.js';

const NoteId = z.string().min(1).max(100);

@Controller('api/v1/notes')
export class NoteController {
  constructor(private readonly notes: NoteService) {}

  @Post()
  @Access('operator')
  @Answer(Note, 'Write a note on a thing')
  create(@CurrentActor() actor: Actor, @Body(zod(NoteCreate)) wish: NoteCreate): Promise<Note> {
    return this.notes.create(actor, wish);
  }

  @Get()
  @Access('viewer')
  @Answer(pageOf(Note), 'List the notes, newest first')
  list(
    @CurrentActor() actor: Actor,
    @Query(zod(NoteQuery)) query: NoteQuery,
  ): Promise<{ items: Note[]; next?: string }> {
    return this.notes.list(actor, query);
  }

  @Patch(':id')
  @Access('operator')
  @Answer(Note, 'Change the text of a note of your own, or mark any as resolved')
  update(
    @CurrentActor() actor: Actor,
    @Param('id', zod(NoteId)) id: string,
    @Body(zod(NoteUpdate)) update: NoteUpdate,
  ): Promise<Note> {
    return this.notes.update(actor, id, update);
  }

  @Delete(':id')
  @Access('operator')
  @Answer(Note, 'Delete a note of your own; that there was one stays')
  remove(@CurrentActor() actor: Actor, @Param('id', zod(NoteId)) id: string): Promise<Note> {
    return this.notes.remove(actor, id);
  }
}
