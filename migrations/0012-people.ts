import type { MigrationInterface, QueryRunner } from 'typeorm';

const statements = [
  'CREATE TABLE "note" ("id" text PRIMARY KEY NOT NULL, "position" bigint NOT NULL, "revision" integer NOT NULL, "subjectKind" text NOT NULL, "subjectId" text NOT NULL, "about" text NOT NULL, "owner" text NOT NULL, "name" text NOT NULL, "text" text NOT NULL, "mentions" text NOT NULL, "createdAt" text NOT NULL, "editedAt" text, "resolved" text, "deletedAt" text)',
  'CREATE UNIQUE INDEX "note_position" ON "note" ("position")',
  'CREATE INDEX "note_subject" ON "note" ("subjectId")',
  'CREATE TABLE "activity" ("seq" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "at" text NOT NULL, "owner" text NOT NULL, "name" text NOT NULL, "route" text NOT NULL, "objectId" text, "objectName" text, "failed" text)',
  'CREATE INDEX "activity_object" ON "activity" ("objectId")',
  'CREATE INDEX "activity_owner" ON "activity" ("owner")',
];

/** Remarks of people on things, and the record of who did what. */
export class People1764000000012 implements MigrationInterface {
  readonly name = 'People1764000000012';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE "activity"');
    await runner.query('DROP TABLE "note"');
  }
}
