import type { MigrationInterface, QueryRunner } from 'typeorm';

const statements = [
  'CREATE TABLE "sweep" ("id" text PRIMARY KEY NOT NULL, "position" bigint NOT NULL, "name" text NOT NULL, "file" text NOT NULL, "revision" integer NOT NULL, "state" text NOT NULL, "resumesAs" text, "objectives" text NOT NULL, "plan" text NOT NULL, "note" text, "error" text, "actor" text NOT NULL, "createdBy" text, "scheduleId" text, "createdAt" text NOT NULL, "startedAt" text, "endedAt" text)',
  'CREATE UNIQUE INDEX "sweep_position" ON "sweep" ("position")',
  'CREATE INDEX "sweep_state" ON "sweep" ("state")',
  'CREATE INDEX "sweep_schedule" ON "sweep" ("scheduleId")',
  'CREATE TABLE "trial" ("id" text PRIMARY KEY NOT NULL, "sweepId" text NOT NULL, "number" integer NOT NULL, "modelId" text NOT NULL, "recipe" text NOT NULL, "settings" text NOT NULL, "settingsKey" text NOT NULL, "pointKey" text NOT NULL, "deviceId" text NOT NULL, "deviceName" text NOT NULL, "protocol" text NOT NULL, "replicate" integer NOT NULL, "state" text NOT NULL, "reason" text NOT NULL, "why" text NOT NULL, "jobId" text, "runId" text, "error" text, "metrics" text NOT NULL, "verdict" text, "hypervolume" real, "runs" integer NOT NULL, "deviceSeconds" real, "proposedAt" text NOT NULL, "endedNumber" integer, "endedAt" text, CONSTRAINT "trial_sweep" FOREIGN KEY ("sweepId") REFERENCES "sweep" ("id") ON DELETE CASCADE ON UPDATE NO ACTION)',
  'CREATE UNIQUE INDEX "trial_number" ON "trial" ("sweepId", "number")',
  'CREATE UNIQUE INDEX "trial_point" ON "trial" ("sweepId", "modelId", "recipe", "settingsKey", "deviceId", "protocol", "replicate")',
  'CREATE INDEX "trial_state" ON "trial" ("state")',
  'CREATE UNIQUE INDEX "trial_job" ON "trial" ("jobId")',
];

/** Searches and what they tried. */
export class Sweeps1764000000009 implements MigrationInterface {
  readonly name = 'Sweeps1764000000009';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE "trial"');
    await runner.query('DROP TABLE "sweep"');
  }
}
