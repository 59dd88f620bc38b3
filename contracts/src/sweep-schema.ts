import * as z from 'zod';
import { SweepFile } from './sweep.js';

type Json = { [key: string]: unknown; properties?: Record<string, Json>; items?: Json; anyOf?: Json[] };

/** What editors show beside a field. */
const descriptions = {
  name: 'What the sweep is called in lists and reports.',
  models: 'Ids or names of models that the lab has: `hilltop models` lists them.',
  recipes:
    'Names of recipes (`hilltop recipes` lists them), or {recipe, vary}: that recipe with every combination of the values of its parameters.',
  settings:
    'How variants are executed; every combination of the lists is tried. Microcontrollers have no such settings.',
  selector: 'On which devices: by id or name, and by labels that must all match. Absent: on all of them.',
  protocol:
    'Measuring rules under which a result counts: quick for development, standard for decisions, strict for publication.',
  evaluationItems: 'Quality on the first so many items of the evaluation set; absent: on all.',
  replicates: 'Runs of each point under the protocol: what a gate compares nights by.',
  repeats: "A disturbed run is done again at most so often; absent: the protocol's own number.",
  objectives: 'Two or three metrics that span the frontier; the direction is the metric’s own.',
  constraints: 'What a variant must meet to be worth shipping, such as accuracy>=90% or size_bytes<1MB.',
  budget: 'What the sweep may spend; it ends when the first is reached.',
  sampler:
    'Who chooses the next point: grid (all of them), random, adaptive (spends device time where the frontier is undecided). The seed makes it repeatable.',
  stop: 'Ends the search on a device when its last trials together raised the hypervolume by less than this share.',
  control: 'Recipe that is measured first and last on each device, so that nights can be compared.',
  healthCheck: 'A canary run on each device before its first trial.',
  priority: 'Order among what waits, -10 to 10; what people ask for is 0.',
} as const satisfies Record<keyof SweepFile, string>;

/** JSON Schema (draft-07, which editors understand) of what a person writes into a sweep file. */
export function sweepFileSchema(): Json {
  const schema = z.toJSONSchema(SweepFile, { io: 'input', target: 'draft-7' }) as Json;
  for (const [name, description] of Object.entries(descriptions))
    schema.properties![name]!['description'] = description;
  return {
    ...schema,
    title: 'Hilltop sweep file',
    description: 'Which points to try on which devices, for what, at what cost, and when to stop.',
  };
}

/** Keys that may stand at a path of a sweep file; none where there is no mapping. */
export function sweepFileKeys(path: readonly (string | number)[]): readonly string[] {
  let at: Json | undefined = sweepFileSchema();
  for (const key of path) {
    at = mapping(typeof key === 'number' ? at?.items : at?.properties?.[key]);
  }
  return Object.keys(at?.properties ?? {});
}

/** Of several forms the one with keys. */
const mapping = (schema: Json | undefined): Json | undefined =>
  schema?.anyOf?.find(({ properties }) => properties) ?? schema;
