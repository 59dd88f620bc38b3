import type { MigrationInterface, QueryRunner } from 'typeorm';

const tables = [
  'device',
  'model',
  'blob_reference',
  'recipe',
  'variant',
  'job',
  'run',
  'attempt',
  'observation_segment',
  'outbox',
  'agent_cursor',
  'summary',
  'reference_point',
];

const statements = [
  'CREATE TABLE "device" ("id" text PRIMARY KEY NOT NULL, "agentId" text NOT NULL, "key" text NOT NULL, "name" text NOT NULL, "kind" text NOT NULL, "type" text NOT NULL, "emulated" boolean NOT NULL, "agentVersion" text NOT NULL, "reportedLabels" text NOT NULL, "ownLabels" text NOT NULL, "state" text NOT NULL, "stateReason" text, "facts" text NOT NULL, "floor" text, "fence" bigint NOT NULL DEFAULT (0), "currentRunId" text, "queued" integer NOT NULL DEFAULT (0), "lastSeenAt" text, "createdAt" text NOT NULL)',
  'CREATE UNIQUE INDEX "device_name" ON "device" ("name")',
  'CREATE UNIQUE INDEX "device_agent_key" ON "device" ("agentId", "key")',
  'CREATE TABLE "model" ("id" text PRIMARY KEY NOT NULL, "name" text NOT NULL, "sha256" text NOT NULL, "bytes" bigint NOT NULL, "opset" integer NOT NULL, "inputs" text NOT NULL, "outputs" text NOT NULL, "parameters" bigint NOT NULL, "qualityMetric" text, "evaluation" text, "validation" text, "calibration" text, "createdBy" text, "createdAt" text NOT NULL)',
  'CREATE UNIQUE INDEX "model_name" ON "model" ("name")',
  'CREATE TABLE "blob_reference" ("sha256" text NOT NULL, "modelId" text NOT NULL, CONSTRAINT "blob_reference_model" FOREIGN KEY ("modelId") REFERENCES "model" ("id") ON DELETE CASCADE ON UPDATE NO ACTION, PRIMARY KEY ("sha256", "modelId"))',
  'CREATE INDEX "blob_reference_model" ON "blob_reference" ("modelId")',
  'CREATE TABLE "recipe" ("name" text PRIMARY KEY NOT NULL, "file" text NOT NULL, "createdBy" text, "createdAt" text NOT NULL)',
  'CREATE TABLE "variant" ("id" text PRIMARY KEY NOT NULL, "modelId" text NOT NULL, "recipeName" text NOT NULL, "recipeId" text NOT NULL, "recipe" text NOT NULL, "state" text NOT NULL, "cacheKey" text NOT NULL, "artifactSha256" text, "artifactBytes" bigint, "metrics" text NOT NULL, "error" text, "steps" text NOT NULL, "createdAt" text NOT NULL, CONSTRAINT "variant_model" FOREIGN KEY ("modelId") REFERENCES "model" ("id") ON DELETE CASCADE ON UPDATE NO ACTION)',
  'CREATE INDEX "variant_state" ON "variant" ("state")',
  'CREATE INDEX "variant_cache_key" ON "variant" ("cacheKey")',
  'CREATE INDEX "variant_artifact" ON "variant" ("artifactSha256")',
  'CREATE UNIQUE INDEX "variant_model_recipe" ON "variant" ("modelId", "recipeName", "recipeId")',
  'CREATE TABLE "job" ("id" text PRIMARY KEY NOT NULL, "position" bigint NOT NULL, "name" text, "modelId" text NOT NULL, "modelName" text NOT NULL, "recipes" text NOT NULL, "selector" text NOT NULL, "protocol" text NOT NULL, "settings" text NOT NULL, "parallel" integer, "maxFailures" integer, "state" text NOT NULL, "error" text, "createdBy" text, "createdAt" text NOT NULL, "startedAt" text, "endedAt" text, CONSTRAINT "job_model" FOREIGN KEY ("modelId") REFERENCES "model" ("id") ON DELETE CASCADE ON UPDATE NO ACTION)',
  'CREATE UNIQUE INDEX "job_position" ON "job" ("position")',
  'CREATE INDEX "job_model" ON "job" ("modelId")',
  'CREATE INDEX "job_state" ON "job" ("state")',
  'CREATE TABLE "run" ("id" text PRIMARY KEY NOT NULL, "position" bigint NOT NULL, "jobId" text NOT NULL, "modelId" text NOT NULL, "variantId" text NOT NULL, "recipe" text NOT NULL, "deviceId" text NOT NULL, "protocol" text NOT NULL, "settings" text NOT NULL, "artifactSha256" text, "artifactBytes" bigint, "evaluationSha256" text, "state" text NOT NULL, "attempt" integer NOT NULL, "fence" bigint, "cancelReason" text, "error" text, "verdict" text, "metrics" text NOT NULL, "environment" text, "floor" text, "transferBytes" bigint, "queuedAt" text NOT NULL, "claimedAt" text, "startedAt" text, "endedAt" text, CONSTRAINT "run_job" FOREIGN KEY ("jobId") REFERENCES "job" ("id") ON DELETE CASCADE ON UPDATE NO ACTION, CONSTRAINT "run_variant" FOREIGN KEY ("variantId") REFERENCES "variant" ("id") ON DELETE CASCADE ON UPDATE NO ACTION, CONSTRAINT "run_device" FOREIGN KEY ("deviceId") REFERENCES "device" ("id") ON DELETE NO ACTION ON UPDATE NO ACTION)',
  'CREATE UNIQUE INDEX "run_position" ON "run" ("position")',
  'CREATE INDEX "run_variant" ON "run" ("variantId")',
  'CREATE INDEX "run_artifact" ON "run" ("artifactSha256")',
  'CREATE INDEX "run_evaluation" ON "run" ("evaluationSha256")',
  'CREATE INDEX "run_state" ON "run" ("state")',
  'CREATE INDEX "run_model" ON "run" ("modelId", "position")',
  'CREATE INDEX "run_job_state" ON "run" ("jobId", "state")',
  'CREATE INDEX "run_device_state" ON "run" ("deviceId", "state")',
  'CREATE TABLE "attempt" ("runId" text NOT NULL, "n" integer NOT NULL, "deviceId" text NOT NULL, "agentId" text NOT NULL, "fence" bigint NOT NULL, "state" text NOT NULL, "batches" integer NOT NULL DEFAULT (0), "environment" text, "floor" text, "error" text, "transferBytes" bigint, "claimedAt" text NOT NULL, "startedAt" text, "endedAt" text, CONSTRAINT "attempt_run" FOREIGN KEY ("runId") REFERENCES "run" ("id") ON DELETE CASCADE ON UPDATE NO ACTION, PRIMARY KEY ("runId", "n"))',
  'CREATE INDEX "attempt_agent" ON "attempt" ("agentId")',
  'CREATE UNIQUE INDEX "attempt_fence" ON "attempt" ("deviceId", "fence")',
  `CREATE UNIQUE INDEX "attempt_held" ON "attempt" ("deviceId") WHERE state IN ('claimed','preparing','running','reporting')`,
  'CREATE TABLE "observation_segment" ("runId" text NOT NULL, "attempt" integer NOT NULL, "seq" integer NOT NULL, "kind" text NOT NULL, "block" integer NOT NULL, "rows" integer NOT NULL, "blob" text NOT NULL, "offset" integer NOT NULL, "length" integer NOT NULL, CONSTRAINT "observation_segment_run" FOREIGN KEY ("runId") REFERENCES "run" ("id") ON DELETE CASCADE ON UPDATE NO ACTION, PRIMARY KEY ("runId", "attempt", "seq"))',
  'CREATE TABLE "outbox" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "agentId" text NOT NULL, "runId" text NOT NULL, "channel" text NOT NULL, "payload" text NOT NULL, "createdAt" text NOT NULL)',
  'CREATE INDEX "outbox_agent" ON "outbox" ("agentId")',
  'CREATE INDEX "outbox_run" ON "outbox" ("runId")',
  'CREATE TABLE "agent_cursor" ("agentId" text NOT NULL, "journalId" text NOT NULL, "nextSeq" bigint NOT NULL, PRIMARY KEY ("agentId", "journalId"))',
  'CREATE TABLE "summary" ("runId" text PRIMARY KEY NOT NULL, "key" text NOT NULL, "metrics" text NOT NULL, "verdict" text NOT NULL, "basis" text NOT NULL, "predictedBlob" text, "version" integer NOT NULL, "createdAt" text NOT NULL, CONSTRAINT "summary_run" FOREIGN KEY ("runId") REFERENCES "run" ("id") ON DELETE CASCADE ON UPDATE NO ACTION)',
  'CREATE INDEX "summary_key" ON "summary" ("key")',
  'CREATE TABLE "reference_point" ("modelId" text NOT NULL, "deviceType" text NOT NULL, "protocol" text NOT NULL, "metric" text NOT NULL, "fp32" real NOT NULL, "value" real NOT NULL, "runId" text NOT NULL, "createdAt" text NOT NULL, CONSTRAINT "reference_point_model" FOREIGN KEY ("modelId") REFERENCES "model" ("id") ON DELETE CASCADE ON UPDATE NO ACTION, PRIMARY KEY ("modelId", "deviceType", "protocol", "metric"))',
];

/** Devices, models, recipes, variants, jobs, runs, summaries, reference points. */
export class Domain1763900000002 implements MigrationInterface {
  readonly name = 'Domain1763900000002';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of [...tables].reverse()) await runner.query(`DROP TABLE "${table}"`);
  }
}
