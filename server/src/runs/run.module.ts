import { Global, Module } from '@nestjs/common';
import { AgentModule } from '../agents/agent.module.js';
import { DeviceModule } from '../devices/device.module.js';
import { MetricsService } from '../health/metrics.service.js';
import { JobRuns } from '../jobs/job-runs.js';
import { LeaseModule } from '../leases/lease.module.js';
import { ModelModule } from '../models/model.module.js';
import { VariantModule } from '../variants/variant.module.js';
import { AgentDoor } from './agent-door.js';
import { AgentPresence } from './agent-presence.js';
import { AgentSession } from './agent-session.js';
import { BlobTransfer } from './blob-transfer.js';
import { ClaimClock } from './claim-clock.js';
import { ConsoleService } from './console.service.js';
import { Dispatcher } from './dispatcher.js';
import { HeartbeatPulse } from './heartbeat-pulse.js';
import { HolderWorkSource } from './holder-work.js';
import { Inbox } from './inbox.js';
import { JobRunsService } from './job-runs.service.js';
import { JournalApplier } from './journal-applier.js';
import { ObservationStore } from './observation-store.js';
import { Outbox } from './outbox.js';
import { PatchMaker } from './patch-maker.js';
import { PulseController } from './pulse.controller.js';
import { RunController } from './run.controller.js';
import { RunService } from './run.service.js';
import { RunGauges } from './run-gauges.js';
import { RunLedger } from './run-ledger.js';
import { RunMetrics } from './run-metrics.js';
import { RunProgress } from './run-progress.js';
import { RunWaiting } from './run-waiting.js';

/** Global, since jobs use its `JobRuns` and may not know it. */
@Global()
@Module({
  imports: [AgentModule, DeviceModule, LeaseModule, ModelModule, VariantModule],
  controllers: [RunController, PulseController],
  providers: [
    {
      provide: RunMetrics,
      useFactory: (metrics: MetricsService) => new RunMetrics(metrics.registry),
      inject: [MetricsService],
    },
    { provide: ClaimClock, useFactory: () => new ClaimClock() },
    JobRunsService,
    { provide: JobRuns, useExisting: JobRunsService },
    RunLedger,
    RunService,
    RunProgress,
    RunWaiting,
    ObservationStore,
    JournalApplier,
    Inbox,
    Outbox,
    Dispatcher,
    AgentSession,
    AgentPresence,
    PatchMaker,
    BlobTransfer,
    ConsoleService,
    HeartbeatPulse,
    AgentDoor,
    RunGauges,
    HolderWorkSource,
  ],
  exports: [JobRuns, RunLedger, ObservationStore, RunProgress, ConsoleService],
})
export class RunModule {}
