import type { MigrationInterface, QueryRunner } from 'typeorm';

const columns = [
  ['model', '"training" text'],
  ['variant', '"origin" text NOT NULL DEFAULT (\'recipe\')'],
  ['variant', '"description" text'],
  ['variant', '"interface" text'],
  ['variant', '"screening" text'],
] as const;

/** Screening of variants, variants made elsewhere, what training cost. */
export class Screening1763900000003 implements MigrationInterface {
  readonly name = 'Screening1763900000003';

  async up(runner: QueryRunner): Promise<void> {
    for (const [table, column] of columns) await runner.query(`ALTER TABLE "${table}" ADD COLUMN ${column}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const [table, column] of [...columns].reverse())
      await runner.query(`ALTER TABLE "${table}" DROP COLUMN ${column.split(' ')[0]}`);
  }
}
