import type { MigrationInterface, QueryRunner } from 'typeorm';

const statements: readonly string[] = [
  'CREATE TABLE "invitation" ("id" text PRIMARY KEY NOT NULL, "hash" text NOT NULL, "path" text NOT NULL, "label" text, "owner" text NOT NULL, "createdBy" text NOT NULL, "createdAt" text NOT NULL, "expiresAt" text NOT NULL, "revokedAt" text)',
  'CREATE UNIQUE INDEX "invitation_hash" ON "invitation" ("hash")',
  'ALTER TABLE "token" ADD COLUMN "invitationId" text',
  'ALTER TABLE "token" ADD COLUMN "guestNumber" integer',
  'CREATE INDEX "token_invitation" ON "token" ("invitationId")',
  'CREATE TABLE "lab_setting" ("name" text PRIMARY KEY NOT NULL, "value" text NOT NULL)',
  'CREATE TABLE "mention_read" ("userId" text PRIMARY KEY NOT NULL, "readUpTo" text NOT NULL)',
];

/** Links that let people in to watch; settings of the lab; up to when people have read what names them. */
export class Guests1764000000014 implements MigrationInterface {
  readonly name = 'Guests1764000000014';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE "mention_read"');
    await runner.query('DROP TABLE "lab_setting"');
    await runner.query('DROP INDEX "token_invitation"');
    await runner.query('ALTER TABLE "token" DROP COLUMN "guestNumber"');
    await runner.query('ALTER TABLE "token" DROP COLUMN "invitationId"');
    await runner.query('DROP TABLE "invitation"');
  }
}
