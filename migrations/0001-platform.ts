import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Users, tokens, agents, uploads, idempotent requests. */
export class Platform1763900000001 implements MigrationInterface {
  readonly name = 'Platform1763900000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'CREATE TABLE "user" ("id" text PRIMARY KEY NOT NULL, "name" text NOT NULL, "role" text NOT NULL, "createdAt" text NOT NULL)',
    );
    await runner.query('CREATE UNIQUE INDEX "user_name" ON "user" ("name")');
    await runner.query(
      'CREATE TABLE "token" ("id" text PRIMARY KEY NOT NULL, "kind" text NOT NULL, "hash" text NOT NULL, "name" text, "userId" text, "role" text, "usesLeft" integer, "labels" text, "createdBy" text, "createdAt" text NOT NULL, "expiresAt" text, "lastUsedOn" text, "revokedAt" text)',
    );
    await runner.query('CREATE UNIQUE INDEX "token_hash" ON "token" ("hash")');
    await runner.query(
      'CREATE TABLE "agent" ("id" text PRIMARY KEY NOT NULL, "name" text NOT NULL, "publicKey" text NOT NULL, "labels" text NOT NULL, "version" text, "createdAt" text NOT NULL, "lastSeenAt" text, "revokedAt" text)',
    );
    await runner.query('CREATE UNIQUE INDEX "agent_public_key" ON "agent" ("publicKey")');
    await runner.query(
      'CREATE TABLE "upload" ("id" text PRIMARY KEY NOT NULL, "sha256" text NOT NULL, "bytes" integer NOT NULL, "name" text, "createdBy" text NOT NULL, "createdAt" text NOT NULL, "completedAt" text)',
    );
    await runner.query('CREATE INDEX "upload_sha256" ON "upload" ("sha256")');
    await runner.query(
      'CREATE TABLE "idempotency" ("key" text PRIMARY KEY NOT NULL, "requestHash" text NOT NULL, "status" integer NOT NULL, "body" text NOT NULL, "createdMs" integer NOT NULL)',
    );
    await runner.query('CREATE INDEX "idempotency_created" ON "idempotency" ("createdMs")');
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['idempotency', 'upload', 'agent', 'token', 'user'])
      await runner.query(`DROP TABLE "${table}"`);
  }
}
