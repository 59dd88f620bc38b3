export {
  type AppliedRecipe,
  type ApplyOptions,
  type ApplyProgress,
  type ApplyReport,
  applyRecipe,
  artifactId,
  type StepReport,
} from './apply.js';
export { canaryModel, canaryVersion } from './canary-model.js';
export { checkModel, type ModelFacts, type TensorFacts } from './check-model.js';
export { type CostOptions, type LayerCost, type ModelCost, modelCost } from './cost.js';
export { createHost, type Evaluation, type Host, type HostOptions, type HostPlatform } from './host.js';
export { checkPackFitsModel, type NpzLimits, readNpz } from './npz.js';
export type { ParameterSpec, Pass } from './pass.js';
export { passes } from './passes/index.js';
export {
  type CompiledPlan,
  type CompileOptions,
  compilePlan,
  type PlanLayer,
  planCompilerVersion,
} from './plan/compile.js';
export { type PlanRoom, planFits } from './plan/fits.js';
export { type GraphLifetimes, lifetimesOf } from './plan/lifetimes.js';
export { planOperators } from './plan/lower.js';
export {
  type InPlacePair,
  type MemoryPlan,
  type MemoryPlanOptions,
  type PlannedTensor,
  planMemory,
} from './plan/memory.js';
export { type MemoryPicture, type MemoryRectangle, memoryPicture } from './plan/picture.js';
export { planToC } from './plan/to-c.js';
export { resolveRecipe } from './recipe.js';
export { findRecipe, recipeFiles } from './recipes.js';
export {
  type ReferenceOptions,
  referenceOf,
  type ScreeningReference,
  type ScreenOptions,
  screenVariant,
} from './screen.js';
