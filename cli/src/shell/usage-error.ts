import { LabError } from '@hilltop/contracts';

/** The command line is wrong; ends with status 2. `message` says what to type instead. */
export function usageError(message: string, details: Readonly<Record<string, unknown>> = {}): LabError {
  return new LabError('usage.invalid', message, details);
}
