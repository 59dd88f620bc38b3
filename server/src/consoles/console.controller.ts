import { ConsoleAnswer, ConsoleDocument, ConsoleReceipt, ConsoleState, ConsoleType } from '@hilltop/contracts';
import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import * as z from 'zod';
import { Access } from '../access/access.decorator.js';
import { type Actor, CurrentActor } from '../access/actor.js';
import { Answer } from '../access/answer.decorator.js';
import { zod } from '../access/zod.pipe.js';
import { DeviceService } from '../devices/device.service.js';
import { ConsoleService } from '../runs/console.service.js';
import { ConsoleTranscript } from './console-transcript.js';
import { KeyboardService } from './keyboard.service.js';

const Id = z.string().min(1).max(100);
const Nothing = z.strictObject({}).optional();
const keyboard = 'api/v1/devices/:id/console';

/** Scrollback, and the keyboard for programs: they have no connection, and lose it after 60 s of silence. */
@Controller()
export class ConsoleController {
  constructor(
    private readonly consoles: ConsoleService,
    private readonly devices: DeviceService,
    private readonly transcript: ConsoleTranscript,
    private readonly keyboards: KeyboardService,
  ) {}

  @Get(keyboard)
  @Access('viewer')
  @Answer(ConsoleDocument, 'What a device printed beside its protocol lately and what was typed, by id or name')
  async ofDevice(@Param('id', zod(Id)) id: string): Promise<ConsoleDocument> {
    const device = await this.devices.find(id);
    return {
      ...(await this.consoles.ofDevice(device.id)),
      lines: await this.transcript.lines({ deviceId: device.id }),
    };
  }

  @Get('api/v1/runs/:id/console')
  @Access('viewer')
  @Answer(ConsoleDocument, 'What its device printed during a run, and what was typed')
  async ofRun(@Param('id', zod(Id)) id: string): Promise<ConsoleDocument> {
    return { ...(await this.consoles.ofRun(id)), lines: await this.transcript.lines({ runId: id }) };
  }

  @Get(`${keyboard}/keyboard`)
  @Access('viewer')
  @Answer(ConsoleState, 'Who has the keyboard of a device, who asks for it, how many look on')
  async state(@Param('id', zod(Id)) id: string): Promise<ConsoleState> {
    return this.keyboards.state((await this.devices.find(id)).id);
  }

  @Post(`${keyboard}/take`)
  @HttpCode(200)
  @Access('operator')
  @Answer(ConsoleReceipt, 'Take the keyboard: for who holds the device')
  async take(
    @CurrentActor() actor: Actor,
    @Param('id', zod(Id)) id: string,
    @Body(zod(Nothing)) _body: unknown,
  ): Promise<ConsoleReceipt> {
    return { order: await this.keyboards.act(actor, id, { type: 'take' }) };
  }

  @Post(`${keyboard}/ask`)
  @HttpCode(200)
  @Access('operator')
  @Answer(ConsoleReceipt, 'Ask the holder for the keyboard; granted by itself when nobody typed for 60 s')
  async ask(
    @CurrentActor() actor: Actor,
    @Param('id', zod(Id)) id: string,
    @Body(zod(Nothing)) _body: unknown,
  ): Promise<ConsoleReceipt> {
    return { order: await this.keyboards.act(actor, id, { type: 'ask' }) };
  }

  @Post(`${keyboard}/answer`)
  @HttpCode(200)
  @Access('operator')
  @Answer(ConsoleReceipt, 'Give the keyboard to who asks, or not')
  async answer(
    @CurrentActor() actor: Actor,
    @Param('id', zod(Id)) id: string,
    @Body(zod(ConsoleAnswer)) { answer }: ConsoleAnswer,
  ): Promise<ConsoleReceipt> {
    return { order: await this.keyboards.act(actor, id, { type: 'answer', answer }) };
  }

  @Post(`${keyboard}/drop`)
  @HttpCode(200)
  @Access('operator')
  @Answer(ConsoleReceipt, 'Give the keyboard back, or ask no more')
  async drop(
    @CurrentActor() actor: Actor,
    @Param('id', zod(Id)) id: string,
    @Body(zod(Nothing)) _body: unknown,
  ): Promise<ConsoleReceipt> {
    return { order: await this.keyboards.act(actor, id, { type: 'drop' }) };
  }

  @Post(`${keyboard}/type`)
  @HttpCode(200)
  @Access('operator')
  @Answer(ConsoleReceipt, 'Type text, Ctrl-C or a reset to a device whose keyboard one has')
  async type(
    @CurrentActor() actor: Actor,
    @Param('id', zod(Id)) id: string,
    @Body(zod(ConsoleType)) typed: ConsoleType,
  ): Promise<ConsoleReceipt> {
    return { order: await this.keyboards.type(actor, id, typed) };
  }
}
