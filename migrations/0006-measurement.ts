import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where a run's energy comes from; of which disturbed run another is the repetition. */
export class Measurement1763900000006 implements MigrationInterface {
  readonly name = 'Measurement1763900000006';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE "summary" ADD COLUMN "energy" text');
    await runner.query('ALTER TABLE "run" ADD COLUMN "energy" text');
    await runner.query('ALTER TABLE "run" ADD COLUMN "repeatOf" text');
    await runner.query('CREATE INDEX "run_repeat" ON "run" ("repeatOf")');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX "run_repeat"');
    await runner.query('ALTER TABLE "run" DROP COLUMN "repeatOf"');
    await runner.query('ALTER TABLE "run" DROP COLUMN "energy"');
    await runner.query('ALTER TABLE "summary" DROP COLUMN "energy"');
  }
}
