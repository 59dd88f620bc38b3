import type { Verb } from '@hilltop/contracts';
import type { Handler } from '../context.js';
import { agent } from './agent.js';
import { artifactGet } from './artifact-get.js';
import { compress } from './compress.js';
import { console } from './console.js';
import { demo } from './demo.js';
import { deviceRename } from './device-rename.js';
import { deviceRm } from './device-rm.js';
import { deviceShow } from './device-show.js';
import { devices } from './devices.js';
import { doctor } from './doctor.js';
import { frontier } from './frontier.js';
import { jobCancel } from './job-cancel.js';
import { jobShow } from './job-show.js';
import { jobs } from './jobs.js';
import { login } from './login.js';
import { models } from './models.js';
import { modelsPush } from './models-push.js';
import { modelsRm } from './models-rm.js';
import { monitor } from './monitor.js';
import { open } from './open.js';
import { recipes } from './recipes.js';
import { recipesAdd } from './recipes-add.js';
import { recipesShow } from './recipes-show.js';
import { run } from './run.js';
import { runShow } from './run-show.js';
import { runs } from './runs.js';
import { tokenCreate } from './token-create.js';
import { tokenLs } from './token-ls.js';
import { tokenRevoke } from './token-revoke.js';
import { up } from './up.js';
import { variants } from './variants.js';

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
  console,
  monitor,
  'token create': tokenCreate,
  'token ls': tokenLs,
  'token revoke': tokenRevoke,
} as const satisfies Record<Verb, Handler>;
