import { LabError } from '@hilltop/contracts';
import { Injectable, type PipeTransform } from '@nestjs/common';
import * as z from 'zod';

/** A request that does not fit a schema: `request.invalid` naming each fault and where it is. */
export function invalid(error: z.ZodError): LabError {
  const issues = error.issues
    .slice(0, 20)
    .map((issue) => ({ path: issue.path.map(String).join('.'), message: issue.message }));
  const text = issues.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('; ');
  return new LabError('request.invalid', text, { issues });
}

/** Validates one argument of a route; also read by the OpenAPI generator. */
@Injectable()
export class ZodPipe<T extends z.ZodType> implements PipeTransform<unknown, z.output<T>> {
  constructor(readonly schema: T) {}

  transform(value: unknown): z.output<T> {
    const parsed = this.schema.safeParse(value ?? {});
    if (parsed.success) return parsed.data;
    throw invalid(parsed.error);
  }
}

/** `@Body(zod(JobCreate)) body: z.output<typeof JobCreate>`; the same for `@Query` and `@Param`. */
export const zod = <T extends z.ZodType>(schema: T) => new ZodPipe(schema);
