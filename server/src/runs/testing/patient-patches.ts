import type { BlobStore } from '../../links/blob-store.js';
import { InlinePool } from '../../links/testing/inline-pool.js';
import type { Log } from '../../log.js';
import { PatchMaker } from '../patch-maker.js';
import { patchWork } from '../patch-task.js';
import type { RunLedger } from '../run-ledger.js';
import type { RunProgress } from '../run-progress.js';

/** A patch maker without threads, whose agents wait however slow this machine is. */
export function patientPatches(blobs: BlobStore, progress: RunProgress, ledger: RunLedger, log: Log): PatchMaker {
  const maker = new PatchMaker(
    blobs,
    new InlinePool({ patch: patchWork, 'deep-patch': patchWork }),
    progress,
    ledger,
    log,
  );
  maker.patienceMs = 120_000;
  return maker;
}
