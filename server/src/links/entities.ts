import { IdempotencyEntity } from '../access/idempotency.entity.js';
import { AgentEntity } from '../agents/agent.entity.js';
import { DeviceEntity } from '../devices/device.entity.js';
import { ReferencePointEntity } from '../frontier/reference-point.entity.js';
import { JobEntity } from '../jobs/job.entity.js';
import { BlobReferenceEntity } from '../models/blob-reference.entity.js';
import { ModelEntity } from '../models/model.entity.js';
import { RecipeEntity } from '../recipes/recipe.entity.js';
import { AgentCursorEntity } from '../runs/agent-cursor.entity.js';
import { AttemptEntity } from '../runs/attempt.entity.js';
import { ObservationSegmentEntity } from '../runs/observation-segment.entity.js';
import { OutboxEntity } from '../runs/outbox.entity.js';
import { RunEntity } from '../runs/run.entity.js';
import { SummaryEntity } from '../summaries/summary.entity.js';
import { TokenEntity } from '../tokens/token.entity.js';
import { UploadEntity } from '../uploads/upload.entity.js';
import { UserEntity } from '../users/user.entity.js';
import { VariantEntity } from '../variants/variant.entity.js';

/** Every table of the lab; `migrations/` makes them, and a test compares the two. */
export const entities = [
  UserEntity,
  TokenEntity,
  AgentEntity,
  UploadEntity,
  IdempotencyEntity,
  DeviceEntity,
  ModelEntity,
  BlobReferenceEntity,
  RecipeEntity,
  VariantEntity,
  JobEntity,
  RunEntity,
  AttemptEntity,
  ObservationSegmentEntity,
  OutboxEntity,
  AgentCursorEntity,
  SummaryEntity,
  ReferencePointEntity,
] as const;
