import { Mentions, MentionsRead } from '@hilltop/contracts';
import { Body, Controller, Get, Put } from '@nestjs/common';
import { Access, Guests } from '../access/access.decorator.js';
import { type Actor, CurrentActor } from '../access/actor.js';
import { Answer } from '../access/answer.decorator.js';
import { zod } from '../access/zod.pipe.js';
import { NoteService } from './note.service.js';

@Controller('api/v1/me/mentions')
@Guests('refused')
export class MentionController {
  constructor(private readonly notes: NoteService) {}

  @Get()
  @Access('viewer')
  @Answer(Mentions, 'The newest notes that name the caller, and up to when they were read')
  list(@CurrentActor() actor: Actor): Promise<Mentions> {
    return this.notes.mentions(actor);
  }

  @Put()
  @Access('viewer')
  @Answer(Mentions, 'Keep up to when the caller has read them; never moved back')
  read(@CurrentActor() actor: Actor, @Body(zod(MentionsRead)) { readUpTo }: MentionsRead): Promise<Mentions> {
    return this.notes.readMentions(actor, readUpTo);
  }
}
