import type { MigrationInterface, QueryRunner } from 'typeorm';

const statements: readonly string[] = [
  'CREATE TABLE "device_change" ("seq" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "deviceId" text NOT NULL, "at" text NOT NULL, "state" text NOT NULL, "reason" text, "by" text)',
  'CREATE INDEX "device_change_device" ON "device_change" ("deviceId", "seq")',
  'ALTER TABLE "device" ADD COLUMN "lastCheck" text',
];

/** Comings and goings of devices, kept; and how the newest health check of each ended. */
export class DeviceChanges1764000000015 implements MigrationInterface {
  readonly name = 'DeviceChanges1764000000015';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE "device" DROP COLUMN "lastCheck"');
    await runner.query('DROP TABLE "device_change"');
  }
}
