import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Variants inside the firmware of a device. */
export class Firmware1763900000005 implements MigrationInterface {
  readonly name = 'Firmware1763900000005';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE "variant" ADD COLUMN "firmware" text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE "variant" DROP COLUMN "firmware"');
  }
}
