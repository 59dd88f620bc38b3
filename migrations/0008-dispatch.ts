import type { MigrationInterface, QueryRunner } from 'typeorm';

const up = [
  'ALTER TABLE "job" ADD COLUMN "priority" integer NOT NULL DEFAULT (0)',
  'ALTER TABLE "job" ADD COLUMN "replicates" integer',
  `ALTER TABLE "job" ADD COLUMN "purpose" text NOT NULL DEFAULT ('measure')`,
  `ALTER TABLE "job" ADD COLUMN "owner" text NOT NULL DEFAULT ('')`,
  'ALTER TABLE "job" ADD COLUMN "sweepId" text',
  'CREATE INDEX "job_sweep" ON "job" ("sweepId")',
  'ALTER TABLE "run" ADD COLUMN "waitedMs" bigint',
  `CREATE INDEX "run_waiting" ON "run" ("deviceId", "state", "jobId", "position") WHERE state = 'queued' AND "artifactSha256" IS NOT NULL`,
  'ALTER TABLE "device" ADD COLUMN "quarantine" text',
  'ALTER TABLE "device" ADD COLUMN "healthySince" text',
  'ALTER TABLE "model" ADD COLUMN "hidden" boolean NOT NULL DEFAULT (0)',
  'CREATE TABLE "canary" ("id" text PRIMARY KEY NOT NULL, "deviceId" text NOT NULL, "jobId" text NOT NULL, "version" integer NOT NULL, "state" text NOT NULL, "latencyMs" real, "medianMs" real, "healthy" boolean, "verdict" text, "error" text, "askedBy" text, "createdAt" text NOT NULL, "endedAt" text)',
  'CREATE INDEX "canary_device" ON "canary" ("deviceId", "createdAt")',
  'CREATE UNIQUE INDEX "canary_job" ON "canary" ("jobId")',
];

const down = [
  'DROP TABLE "canary"',
  'ALTER TABLE "model" DROP COLUMN "hidden"',
  'ALTER TABLE "device" DROP COLUMN "healthySince"',
  'ALTER TABLE "device" DROP COLUMN "quarantine"',
  'DROP INDEX "run_waiting"',
  'ALTER TABLE "run" DROP COLUMN "waitedMs"',
  'DROP INDEX "job_sweep"',
  'ALTER TABLE "job" DROP COLUMN "sweepId"',
  'ALTER TABLE "job" DROP COLUMN "owner"',
  'ALTER TABLE "job" DROP COLUMN "purpose"',
  'ALTER TABLE "job" DROP COLUMN "replicates"',
  'ALTER TABLE "job" DROP COLUMN "priority"',
];

/** Whose a job is, its place in the queue, and what devices' health checks said. */
export class Dispatch1764000000008 implements MigrationInterface {
  readonly name = 'Dispatch1764000000008';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of up) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of down) await runner.query(statement);
  }
}
