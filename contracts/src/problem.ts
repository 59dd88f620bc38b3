import * as z from 'zod';
import { type ErrorCode, errorStatus, isLabError, LabError } from './errors.js';

/** RFC 9457 problem details; `code` is for programs, `detail` says the remedy. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.enum(Object.keys(errorStatus) as [ErrorCode, ...ErrorCode[]]),
  detail: z.string(),
  details: z.record(z.string(), z.unknown()).optional(),
});
export type Problem = z.infer<typeof Problem>;

/** A LabError as problem details. */
export function problemOf(error: LabError): Problem {
  return {
    type: `urn:hilltop:error:${error.code}`,
    title: error.code.replace(/[.-]/g, ' '),
    status: error.status,
    code: error.code,
    detail: error.message,
    ...(Object.keys(error.details).length > 0 && { details: { ...error.details } }),
  };
}

/** The LabError a problem body stands for; undefined when the body is something else. */
export function errorOf(body: unknown): LabError | undefined {
  const problem = Problem.safeParse(body);
  return problem.success ? new LabError(problem.data.code, problem.data.detail, problem.data.details) : undefined;
}

export { isLabError };
