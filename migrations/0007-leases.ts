import type { MigrationInterface, QueryRunner } from 'typeorm';

const statements = [
  'CREATE TABLE "reservation" ("id" text PRIMARY KEY NOT NULL, "position" bigint NOT NULL, "front" boolean NOT NULL DEFAULT (0), "revision" integer NOT NULL, "state" text NOT NULL, "owner" text NOT NULL, "name" text NOT NULL, "person" boolean NOT NULL, "selector" text NOT NULL, "deviceId" text, "forSeconds" integer NOT NULL, "until" text, "fence" bigint, "ask" text, "forced" text, "endReason" text, "note" text, "createdAt" text NOT NULL, "takenAt" text, "endedAt" text)',
  'CREATE UNIQUE INDEX "reservation_position" ON "reservation" ("position")',
  'CREATE INDEX "reservation_state" ON "reservation" ("state")',
  `CREATE UNIQUE INDEX "reservation_held" ON "reservation" ("deviceId") WHERE state IN ('granted','held')`,
];

/** Wishes for devices and the leases they become. */
export class Leases1764000000007 implements MigrationInterface {
  readonly name = 'Leases1764000000007';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE "reservation"');
  }
}
