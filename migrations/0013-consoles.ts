import type { MigrationInterface, QueryRunner } from 'typeorm';

const statements: readonly string[] = [
  'CREATE TABLE "console_line" ("position" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "deviceId" text NOT NULL, "runId" text, "at" text NOT NULL, "kind" text NOT NULL, "text" text NOT NULL, "owner" text, "name" text, "key" text, "outcome" text, "code" text, "dropped" integer)',
  'CREATE INDEX "console_line_device" ON "console_line" ("deviceId", "position")',
  'CREATE INDEX "console_line_run" ON "console_line" ("runId")',
  'CREATE INDEX "console_line_at" ON "console_line" ("at")',
];

/** What was typed and printed on consoles. */
export class Consoles1764000000013 implements MigrationInterface {
  readonly name = 'Consoles1764000000013';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE "console_line"');
  }
}
