import { PulseHistory } from '@hilltop/contracts';
import { Controller, Get } from '@nestjs/common';
import { Access } from '../access/access.decorator.js';
import { Answer } from '../access/answer.decorator.js';
import { LiveService } from '../live/live.service.js';

const minuteMs = 60_000;

@Controller('api/v1/pulses')
export class PulseController {
  constructor(private readonly live: LiveService) {}

  @Get()
  @Access('viewer')
  @Answer(PulseHistory, 'The last minute of what devices did: run, latency, power, temperature, load')
  list(): PulseHistory {
    return { items: this.live.pulses.history(Date.now() - minuteMs) };
  }
}
