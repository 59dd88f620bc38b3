import { Guide, GuideQuery } from '@hilltop/contracts';
import { Controller, Get, Param, Query, type StreamableFile } from '@nestjs/common';
import * as z from 'zod';
import { Access } from '../access/access.decorator.js';
import { Answer } from '../access/answer.decorator.js';
import { zod } from '../access/zod.pipe.js';
import { textFile } from '../reports/report-file.js';
import { GuideService } from './guide.service.js';
import { guideHtml } from './guide-html.js';
import { guideMarkdown } from './guide-markdown.js';

const ModelId = z.string().min(1).max(100);

@Controller('api/v1/guides')
export class GuideController {
  constructor(private readonly guides: GuideService) {}

  @Get(':model')
  @Access('viewer')
  @Answer(Guide, 'What each technique bought a model on each device, from this lab’s results: HTML, Markdown or JSON')
  async of(
    @Param('model', zod(ModelId)) model: string,
    @Query(zod(GuideQuery)) { format, protocol }: z.output<typeof GuideQuery>,
  ): Promise<StreamableFile> {
    const guide = await this.guides.of(model, protocol);
    const name = `${guide.model.name} guide`;
    switch (format) {
      case 'html':
        return textFile(guideHtml(guide), 'text/html; charset=utf-8', `${name}.html`);
      case 'markdown':
        return textFile(guideMarkdown(guide), 'text/markdown; charset=utf-8', `${name}.md`);
      case 'json':
        return textFile(JSON.stringify(guide), 'application/json; charset=utf-8', `${name}.json`);
    }
  }
}
