import { IdempotencyEntity } from '../access/idempotency.entity.js';
import { ActivityEntity } from '../activities/activity.entity.js';
import { AgentEntity } from '../agents/agent.entity.js';
import { CanaryEntity } from '../canaries/canary.entity.js';
import { ConsoleLineEntity } from '../consoles/console-line.entity.js';
import { DeviceEntity } from '../devices/device.entity.js';
import { DeviceChangeEntity } from '../devices/device-change.entity.js';
import { ReferencePointEntity } from '../frontier/reference-point.entity.js';
import { BaselineEntity } from '../gates/baseline.entity.js';
import { GateEntity } from '../gates/gate.entity.js';
import { GateDecisionEntity } from '../gates/gate-decision.entity.js';
import { InvitationEntity } from '../invitations/invitation.entity.js';
import { JobEntity } from '../jobs/job.entity.js';
import { LabSettingEntity } from '../lab/lab-setting.entity.js';
import { ReservationEntity } from '../leases/reservation.entity.js';
import { BlobReferenceEntity } from '../models/blob-reference.entity.js';
import { ModelEntity } from '../models/model.entity.js';
import { MentionReadEntity } from '../notes/mention-read.entity.js';
import { NoteEntity } from '../notes/note.entity.js';
import { RecipeEntity } from '../recipes/recipe.entity.js';
import { AgentCursorEntity } from '../runs/agent-cursor.entity.js';
import { AttemptEntity } from '../runs/attempt.entity.js';
import { ObservationSegmentEntity } from '../runs/observation-segment.entity.js';
import { OutboxEntity } from '../runs/outbox.entity.js';
import { RunEntity } from '../runs/run.entity.js';
import { ScheduleEntity } from '../schedules/schedule.entity.js';
import { StartEntity } from '../schedules/start.entity.js';
import { DeliveryEntity } from '../subscriptions/delivery.entity.js';
import { NewsEntity } from '../subscriptions/news.entity.js';
import { SubscriptionEntity } from '../subscriptions/subscription.entity.js';
import { SummaryEntity } from '../summaries/summary.entity.js';
import { SweepEntity } from '../sweeps/sweep.entity.js';
import { TrialEntity } from '../sweeps/trial.entity.js';
import { TokenEntity } from '../tokens/token.entity.js';
import { UploadEntity } from '../uploads/upload.entity.js';
import { UserEntity } from '../users/user.entity.js';
import { VariantEntity } from '../variants/variant.entity.js';

/** Every table of the lab; `migrations/` makes them, and a test compares the two. */
export const entities = [
  UserEntity,
  TokenEntity,
  InvitationEntity,
  LabSettingEntity,
  AgentEntity,
  UploadEntity,
  IdempotencyEntity,
  DeviceEntity,
  DeviceChangeEntity,
  ReservationEntity,
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
  CanaryEntity,
  ReferencePointEntity,
  BaselineEntity,
  GateEntity,
  GateDecisionEntity,
  SweepEntity,
  TrialEntity,
  NoteEntity,
  MentionReadEntity,
  ActivityEntity,
  ConsoleLineEntity,
  ScheduleEntity,
  StartEntity,
  SubscriptionEntity,
  NewsEntity,
  DeliveryEntity,
] as const;
