import type { MigrationInterface } from 'typeorm';
import { Platform1763900000001 } from './0001-platform.js';
import { Domain1763900000002 } from './0002-domain.js';
import { Screening1763900000003 } from './0003-screening.js';
import { Plans1763900000004 } from './0004-plans.js';
import { Firmware1763900000005 } from './0005-firmware.js';
import { Measurement1763900000006 } from './0006-measurement.js';
import { Leases1764000000007 } from './0007-leases.js';
import { Dispatch1764000000008 } from './0008-dispatch.js';
import { Sweeps1764000000009 } from './0009-sweeps.js';
import { Gates1764000000010 } from './0010-gates.js';
import { Nights1764000000011 } from './0011-nights.js';
import { People1764000000012 } from './0012-people.js';
import { Consoles1764000000013 } from './0013-consoles.js';
import { Guests1764000000014 } from './0014-guests.js';
import { DeviceChanges1764000000015 } from './0015-device-changes.js';
import { GateJobs1764000000016 } from './0016-gate-jobs.js';

/** Every migration, oldest first. A file that has landed is never edited. */
export const migrations: ReadonlyArray<new () => MigrationInterface> = [
  Platform1763900000001,
  Domain1763900000002,
  Screening1763900000003,
  Plans1763900000004,
  Firmware1763900000005,
  Measurement1763900000006,
  Leases1764000000007,
  Dispatch1764000000008,
  Sweeps1764000000009,
  Gates1764000000010,
  Nights1764000000011,
  People1764000000012,
  Consoles1764000000013,
  Guests1764000000014,
  DeviceChanges1764000000015,
  GateJobs1764000000016,
];
