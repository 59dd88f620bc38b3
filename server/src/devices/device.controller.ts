import { Device, DeviceUpdate, LabError, Labels, parseLabels } from '@hilltop/contracts';
import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Query } from '@nestjs/common';
import * as z from 'zod';
import { Access } from '../access/access.decorator.js';
import { Answer } from '../access/answer.decorator.js';
import { zod } from '../access/zod.pipe.js';
import { DeviceService } from './device.service.js';

/** `label` may be repeated: `?label=site=berlin&label=arch=arm64`. */
const DeviceQuery = z.strictObject({
  label: z.union([z.string().max(200), z.array(z.string().max(200)).max(50)]).optional(),
});
const IdOrName = z.string().min(1).max(100);

@Controller('api/v1/devices')
export class DeviceController {
  constructor(private readonly devices: DeviceService) {}

  @Get()
  @Access('viewer')
  @Answer(z.object({ items: z.array(Device) }), 'List the devices')
  async list(@Query(zod(DeviceQuery)) query: z.output<typeof DeviceQuery>): Promise<{ items: Device[] }> {
    return { items: await this.devices.list(labelsOf([query.label ?? []].flat())) };
  }

  @Get(':id')
  @Access('viewer')
  @Answer(Device, 'Look at a device, by id or name')
  async show(@Param('id', zod(IdOrName)) id: string): Promise<Device> {
    return this.devices.view(await this.devices.find(id));
  }

  @Patch(':id')
  @Access('operator')
  @Answer(Device, 'Rename or label a device')
  update(@Param('id', zod(IdOrName)) id: string, @Body(zod(DeviceUpdate)) body: DeviceUpdate): Promise<Device> {
    return this.devices.update(id, body);
  }

  @Delete(':id')
  @Access('admin')
  @HttpCode(204)
  retire(@Param('id', zod(IdOrName)) id: string): Promise<void> {
    return this.devices.retire(id);
  }
}

function labelsOf(pairs: readonly string[]): Labels {
  try {
    return parseLabels(pairs);
  } catch (error) {
    throw new LabError(
      'selector.invalid',
      'labels are written key=value, e.g. ?label=site=berlin',
      { labels: pairs },
      { cause: error },
    );
  }
}
