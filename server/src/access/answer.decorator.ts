import { SetMetadata } from '@nestjs/common';
import type * as z from 'zod';

export const answerKey = 'hilltop:answer';
export const secretAnswerKey = 'hilltop:secret-answer';

/** What a route answers with, for the OpenAPI document. The contract's own schema where there is one. */
export const Answer = (schema: z.ZodType, summary?: string) => SetMetadata(answerKey, { schema, summary });

/** The answer holds a secret that is shown once: it is never stored for Idempotency-Key. */
export const SecretAnswer = () => SetMetadata(secretAnswerKey, true);
