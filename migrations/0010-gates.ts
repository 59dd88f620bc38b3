import type { MigrationInterface, QueryRunner } from 'typeorm';

const statements = [
  'CREATE TABLE "baseline" ("id" text PRIMARY KEY NOT NULL, "name" text NOT NULL, "sweepId" text NOT NULL, "sweepName" text NOT NULL, "createdBy" text, "createdAt" text NOT NULL)',
  'CREATE UNIQUE INDEX "baseline_name" ON "baseline" ("name")',
  'CREATE TABLE "gate" ("id" text PRIMARY KEY NOT NULL, "position" bigint NOT NULL, "sweepId" text NOT NULL, "sweepName" text NOT NULL, "baselineId" text NOT NULL, "baselineName" text NOT NULL, "baselineSweepId" text NOT NULL, "maxRegression" real NOT NULL, "metrics" text NOT NULL, "verdict" text NOT NULL, "counts" text NOT NULL, "environment" text NOT NULL, "missing" text NOT NULL, "rows" text NOT NULL, "createdBy" text, "createdAt" text NOT NULL)',
  'CREATE UNIQUE INDEX "gate_position" ON "gate" ("position")',
  'CREATE INDEX "gate_sweep" ON "gate" ("sweepId")',
  'CREATE TABLE "gate_decision" ("gateId" text NOT NULL, "row" integer NOT NULL, "n" integer NOT NULL, "state" text NOT NULL, "comment" text, "decidedBy" text NOT NULL, "decidedAt" text NOT NULL, CONSTRAINT "gate_decision_gate" FOREIGN KEY ("gateId") REFERENCES "gate" ("id") ON DELETE CASCADE ON UPDATE NO ACTION, PRIMARY KEY ("gateId", "row", "n"))',
];

/** Baselines, gates with their rows, and what people said of those. */
export class Gates1764000000010 implements MigrationInterface {
  readonly name = 'Gates1764000000010';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['gate_decision', 'gate', 'baseline']) await runner.query(`DROP TABLE "${table}"`);
  }
}
