import { Module } from '@nestjs/common';
import { DeviceModule } from '../devices/device.module.js';
import { ModelModule } from '../models/model.module.js';
import { RecipeModule } from '../recipes/recipe.module.js';
import { ArtifactController } from './artifact.controller.js';
import { ElsewhereService } from './elsewhere.service.js';
import { InFirmwareService } from './in-firmware.service.js';
import { PlanController } from './plan.controller.js';
import { PlanMaker } from './plan-maker.js';
import { VariantController } from './variant.controller.js';
import { VariantService } from './variant.service.js';
import { VariantBuilder } from './variant-builder.js';

@Module({
  imports: [DeviceModule, ModelModule, RecipeModule],
  controllers: [VariantController, PlanController, ArtifactController],
  providers: [VariantService, ElsewhereService, InFirmwareService, VariantBuilder, PlanMaker],
  exports: [VariantService, VariantBuilder, PlanMaker],
})
export class VariantModule {}
