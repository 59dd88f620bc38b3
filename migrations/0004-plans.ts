import type { MigrationInterface, QueryRunner } from 'typeorm';

const columns = ['"plan" text', '"planError" text', '"planKey" text', '"planSha256" text'] as const;

/** Plans of variants for microcontrollers. */
export class Plans1763900000004 implements MigrationInterface {
  readonly name = 'Plans1763900000004';

  async up(runner: QueryRunner): Promise<void> {
    for (const column of columns) await runner.query(`ALTER TABLE "variant" ADD COLUMN ${column}`);
    await runner.query('CREATE INDEX "variant_plan_key" ON "variant" ("planKey")');
    await runner.query('CREATE INDEX "variant_plan" ON "variant" ("planSha256")');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX "variant_plan"');
    await runner.query('DROP INDEX "variant_plan_key"');
    for (const column of [...columns].reverse())
      await runner.query(`ALTER TABLE "variant" DROP COLUMN ${column.split(' ')[0]}`);
  }
}
