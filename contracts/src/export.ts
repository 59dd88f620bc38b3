import * as z from 'zod';
import { Instant, Name } from './names.js';
import { type ObservationKind, observationKinds } from './observation.js';
import { Run } from './run.js';

export const exportFormats = ['csv', 'json', 'ndjson'] as const;
export const ExportFormat = z.enum(exportFormats);
export type ExportFormat = z.infer<typeof ExportFormat>;

const text = z.string().min(1).max(100);

/** Which ended runs; everything given must hold. */
export const RunExportQuery = z.object({
  format: ExportFormat.default('csv'),
  /** Id or name. */
  model: text.optional(),
  /** Ids or names, comma separated. */
  device: z.string().min(1).max(2000).optional(),
  /** Id: the runs that its trials began. */
  sweep: text.optional(),
  /** Ended then or later. */
  since: Instant.optional(),
});
export type RunExportQuery = z.infer<typeof RunExportQuery>;

/** Those that are rows of numbers; consoles and profiles have routes of their own. */
export const exportedKinds = observationKinds.filter(
  (kind): kind is Exclude<ObservationKind, 'console' | 'profile'> => kind !== 'console' && kind !== 'profile',
);
export const ExportedKind = z.enum(exportedKinds);
export type ExportedKind = z.infer<typeof ExportedKind>;

/** Of one run or of all runs of a sweep: exactly one of the two. */
export const ObservationExportQuery = z.object({
  format: ExportFormat.default('csv'),
  kind: ExportedKind.default('latency'),
  run: text.optional(),
  sweep: text.optional(),
});
export type ObservationExportQuery = z.infer<typeof ObservationExportQuery>;

/** A run with the names of what it names. */
export const ExportedRun = Run.extend({ modelName: Name, emulated: z.boolean() });
export type ExportedRun = z.infer<typeof ExportedRun>;

/** One row of observations; what was not known is absent. */
export const ExportedObservation = z.looseObject({
  run: z.string(),
  attempt: z.number().int(),
  block: z.number().int(),
});
