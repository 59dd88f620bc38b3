import type { Verb } from '@hilltop/contracts';
import type { Handler } from '../context.js';
import { agent } from './agent.js';
import { answer } from './answer.js';
import { artifactGet } from './artifact-get.js';
import { ask } from './ask.js';
import { baselineLs } from './baseline-ls.js';
import { baselinePin } from './baseline-pin.js';
import { baselineRm } from './baseline-rm.js';
import { baselineShow } from './baseline-show.js';
import { compare } from './compare.js';
import { compress } from './compress.js';
import { console } from './console.js';
import { demo } from './demo.js';
import { deviceCheck } from './device-check.js';
import { deviceHealth } from './device-health.js';
import { deviceQuarantine } from './device-quarantine.js';
import { deviceRename } from './device-rename.js';
import { deviceReturn } from './device-return.js';
import { deviceRm } from './device-rm.js';
import { deviceShow } from './device-show.js';
import { devices } from './devices.js';
import { doctor } from './doctor.js';
import { exportObservations } from './export-observations.js';
import { exportRuns } from './export-runs.js';
import { extend } from './extend.js';
import { frontier } from './frontier.js';
import { gate } from './gate.js';
import { gateAccept, gateReopen } from './gate-decide.js';
import { gateShow } from './gate-show.js';
import { gates } from './gates.js';
import { guide } from './guide.js';
import { handover } from './handover.js';
import { invite } from './invite.js';
import { inviteLs } from './invite-ls.js';
import { inviteRevoke } from './invite-revoke.js';
import { jobCancel } from './job-cancel.js';
import { jobShow } from './job-show.js';
import { jobs } from './jobs.js';
import { login } from './login.js';
import { models } from './models.js';
import { modelsPush } from './models-push.js';
import { modelsRm } from './models-rm.js';
import { monitor } from './monitor.js';
import { notifyAdd } from './notify-add.js';
import { notifyLs } from './notify-ls.js';
import { notifyRm } from './notify-rm.js';
import { notifyTest } from './notify-test.js';
import { open } from './open.js';
import { recipes } from './recipes.js';
import { recipesAdd } from './recipes-add.js';
import { recipesShow } from './recipes-show.js';
import { release } from './release.js';
import { report } from './report.js';
import { reservations } from './reservations.js';
import { reserve } from './reserve.js';
import { run } from './run.js';
import { runShow } from './run-show.js';
import { runs } from './runs.js';
import { scheduleAdd } from './schedule-add.js';
import { scheduleEdit } from './schedule-edit.js';
import { scheduleLs } from './schedule-ls.js';
import { schedulePause } from './schedule-pause.js';
import { scheduleResume } from './schedule-resume.js';
import { scheduleRm } from './schedule-rm.js';
import { scheduleShow } from './schedule-show.js';
import { scheduleTrigger } from './schedule-trigger.js';
import { sweepCancel } from './sweep-cancel.js';
import { sweepPause } from './sweep-pause.js';
import { sweepResume } from './sweep-resume.js';
import { sweepRun } from './sweep-run.js';
import { sweepSchema } from './sweep-schema.js';
import { sweepShow } from './sweep-show.js';
import { sweeps } from './sweeps.js';
import { take } from './take.js';
import { tokenCreate } from './token-create.js';
import { tokenLs } from './token-ls.js';
import { tokenRevoke } from './token-revoke.js';
import { up } from './up.js';
import { variants } from './variants.js';
import { who } from './who.js';

/** Every verb of the table has its row here, or this does not compile. */
export const handlers = {
  up,
  demo,
  doctor,
  open,
  login,
  agent,
  devices,
  'device show': deviceShow,
  'device rename': deviceRename,
  'device rm': deviceRm,
  'device check': deviceCheck,
  'device health': deviceHealth,
  'device quarantine': deviceQuarantine,
  'device return': deviceReturn,
  models,
  'models push': modelsPush,
  'models rm': modelsRm,
  recipes,
  'recipes show': recipesShow,
  'recipes add': recipesAdd,
  compress,
  variants,
  'artifact get': artifactGet,
  run,
  jobs,
  'job show': jobShow,
  'job cancel': jobCancel,
  runs,
  'run show': runShow,
  frontier,
  compare,
  'sweep run': sweepRun,
  'sweep show': sweepShow,
  'sweep pause': sweepPause,
  'sweep resume': sweepResume,
  'sweep cancel': sweepCancel,
  sweeps,
  'sweep schema': sweepSchema,
  reserve,
  reservations,
  take,
  extend,
  release,
  handover,
  ask,
  answer,
  who,
  console,
  monitor,
  'baseline pin': baselinePin,
  'baseline ls': baselineLs,
  'baseline show': baselineShow,
  'baseline rm': baselineRm,
  gate,
  'gate show': gateShow,
  'gate accept': gateAccept,
  'gate reopen': gateReopen,
  gates,
  invite,
  'invite ls': inviteLs,
  'invite revoke': inviteRevoke,
  'token create': tokenCreate,
  'token ls': tokenLs,
  'token revoke': tokenRevoke,
  'notify add': notifyAdd,
  'notify ls': notifyLs,
  'notify rm': notifyRm,
  'notify test': notifyTest,
  'schedule add': scheduleAdd,
  'schedule edit': scheduleEdit,
  'schedule ls': scheduleLs,
  'schedule pause': schedulePause,
  'schedule resume': scheduleResume,
  'schedule rm': scheduleRm,
  'schedule show': scheduleShow,
  'schedule trigger': scheduleTrigger,
  report,
  guide,
  'export runs': exportRuns,
  'export observations': exportObservations,
} as const satisfies Record<Verb, Handler>;
