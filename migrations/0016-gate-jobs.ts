import type { MigrationInterface, QueryRunner } from 'typeorm';

const statements: readonly string[] = ['ALTER TABLE "gate_decision" ADD COLUMN "jobId" text'];

/** The job by which a row of a gate is measured again. */
export class GateJobs1764000000016 implements MigrationInterface {
  readonly name = 'GateJobs1764000000016';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE "gate_decision" DROP COLUMN "jobId"');
  }
}
