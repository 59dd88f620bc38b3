import { Module } from '@nestjs/common';
import { MentionController } from './mention.controller.js';
import { NoteController } from './note.controller.js';
import { NoteService } from './note.service.js';

@Module({ controllers: [NoteController, MentionController], providers: [NoteService] })
export class NoteModule {}
