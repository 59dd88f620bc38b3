import type { MigrationInterface } from 'typeorm';
import { Platform1763900000001 } from './0001-platform.js';
import { Domain1763900000002 } from './0002-domain.js';
import { Screening1763900000003 } from './0003-screening.js';
import { Plans1763900000004 } from './0004-plans.js';
import { Firmware1763900000005 } from './0005-firmware.js';
import { Measurement1763900000006 } from './0006-measurement.js';

/** Every migration, oldest first. A file that has landed is never edited. */
export const migrations: ReadonlyArray<new () => MigrationInterface> = [
  Platform1763900000001,
  Domain1763900000002,
  Screening1763900000003,
  Plans1763900000004,
  Firmware1763900000005,
  Measurement1763900000006,
];
