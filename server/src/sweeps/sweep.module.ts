import { Module } from '@nestjs/common';
import { CanaryModule } from '../canaries/canary.module.js';
import { HealthRounds } from '../canaries/health-rounds.js';
import { DeviceModule } from '../devices/device.module.js';
import { JobModule } from '../jobs/job.module.js';
import { ModelModule } from '../models/model.module.js';
import { RecipeModule } from '../recipes/recipe.module.js';
import { VariantModule } from '../variants/variant.module.js';
import { DecisionWriter } from './decision-writer.js';
import { HealthDoor } from './health-door.js';
import { Preparation } from './preparation.js';
import { samplers } from './samplers/index.js';
import { SpaceMaker } from './space-maker.js';
import { StandingReader } from './standing-reader.js';
import { SweepController } from './sweep.controller.js';
import { SweepService } from './sweep.service.js';
import { SweepClock } from './sweep-clock.js';
import { SAMPLERS, SweepRunner } from './sweep-runner.js';
import { SweepViews } from './sweep-views.js';
import { TrialSettler } from './trial-settler.js';
import { TrialSubmitter } from './trial-submitter.js';

@Module({
  imports: [CanaryModule, DeviceModule, ModelModule, RecipeModule, VariantModule, JobModule],
  controllers: [SweepController],
  providers: [
    { provide: SweepClock, useFactory: () => new SweepClock() },
    { provide: SAMPLERS, useValue: samplers },
    { provide: HealthDoor, useFactory: (rounds: HealthRounds): HealthDoor => rounds, inject: [HealthRounds] },
    SpaceMaker,
    StandingReader,
    TrialSettler,
    TrialSubmitter,
    DecisionWriter,
    Preparation,
    SweepRunner,
    SweepViews,
    SweepService,
  ],
  exports: [SweepService],
})
export class SweepModule {}
