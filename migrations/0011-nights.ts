import type { MigrationInterface, QueryRunner } from 'typeorm';

const statements = [
  'CREATE TABLE "schedule" ("id" text PRIMARY KEY NOT NULL, "name" text NOT NULL, "cron" text NOT NULL, "timezone" text NOT NULL, "file" text NOT NULL, "missed" text NOT NULL, "paused" boolean NOT NULL, "baseline" text, "maxRegression" real, "actor" text NOT NULL, "createdAt" text NOT NULL, "lookedAt" text NOT NULL)',
  'CREATE UNIQUE INDEX "schedule_name" ON "schedule" ("name")',
  'CREATE TABLE "schedule_start" ("id" text PRIMARY KEY NOT NULL, "position" bigint NOT NULL, "scheduleId" text NOT NULL, "dueAt" text NOT NULL, "at" text NOT NULL, "cause" text NOT NULL, "state" text NOT NULL, "count" integer, "sweepId" text, "sweepState" text, "gateOpen" boolean NOT NULL, "gateId" text, "verdict" text, "error" text, "startedBy" text, "endedAt" text, CONSTRAINT "schedule_start_schedule" FOREIGN KEY ("scheduleId") REFERENCES "schedule" ("id") ON DELETE CASCADE ON UPDATE NO ACTION)',
  'CREATE UNIQUE INDEX "schedule_start_position" ON "schedule_start" ("position")',
  'CREATE INDEX "schedule_start_sweep" ON "schedule_start" ("sweepId")',
  'CREATE UNIQUE INDEX "schedule_start_due" ON "schedule_start" ("scheduleId", "dueAt")',
  `CREATE UNIQUE INDEX "schedule_start_running" ON "schedule_start" ("scheduleId") WHERE state = 'running'`,
  'CREATE TABLE "subscription" ("id" text PRIMARY KEY NOT NULL, "name" text NOT NULL, "to" text NOT NULL, "secret" text, "on" text NOT NULL, "disabledAt" text, "disabledReason" text, "failures" integer NOT NULL, "lastError" text, "nextTryAt" text, "deliveredAt" text, "createdBy" text NOT NULL, "createdAt" text NOT NULL)',
  'CREATE UNIQUE INDEX "subscription_name" ON "subscription" ("name")',
  'CREATE TABLE "news" ("id" text PRIMARY KEY NOT NULL, "key" text NOT NULL, "at" text NOT NULL, "news" text NOT NULL)',
  'CREATE UNIQUE INDEX "news_key" ON "news" ("key")',
  'CREATE TABLE "news_delivery" ("id" text PRIMARY KEY NOT NULL, "position" bigint NOT NULL, "subscriptionId" text NOT NULL, "kind" text NOT NULL, "body" text NOT NULL, "createdAt" text NOT NULL, "deliveredAt" text, CONSTRAINT "news_delivery_subscription" FOREIGN KEY ("subscriptionId") REFERENCES "subscription" ("id") ON DELETE CASCADE ON UPDATE NO ACTION)',
  'CREATE UNIQUE INDEX "news_delivery_position" ON "news_delivery" ("position")',
  'CREATE INDEX "news_delivery_waiting" ON "news_delivery" ("subscriptionId", "position") WHERE "deliveredAt" IS NULL',
];

/** Schedules with their starts; who is told of what, and what is on its way there. */
export class Nights1764000000011 implements MigrationInterface {
  readonly name = 'Nights1764000000011';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['news_delivery', 'news', 'subscription', 'schedule_start', 'schedule'])
      await runner.query(`DROP TABLE "${table}"`);
  }
}
