import { Module } from '@nestjs/common';
import { LabController } from './lab.controller.js';
import { LabAddress } from './lab-address.js';

@Module({ controllers: [LabController], providers: [LabAddress], exports: [LabAddress] })
export class LabModule {}
