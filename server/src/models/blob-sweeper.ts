import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { BlobStore } from '../links/blob-store.js';
import { LOG, type Log } from '../log.js';
import { BlobReferences } from './blob-references.js';

/** A blob is stored before the row that needs it; after so long the row will not come any more. */
const orphanMs = 24 * 3600 * 1000;
const everyMs = 6 * 3600 * 1000;

/** Removes blobs that nothing needs: uploads never used, observations whose transaction failed. */
@Injectable()
export class BlobSweeper implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #log: Log;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly blobs: BlobStore,
    private readonly references: BlobReferences,
    @Inject(LOG) log: Log,
  ) {
    this.#log = log.child({ part: 'blob-sweeper' });
  }

  onApplicationBootstrap(): void {
    const run = (): void => {
      this.#running = this.sweep(Date.now()).catch((error: unknown) =>
        this.#log.error({ err: error }, 'orphans were not swept'),
      );
    };
    run();
    this.#timer = setInterval(run, everyMs);
    this.#timer.unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  /** Removes what has been an orphan for a day at `nowMs`. */
  async sweep(nowMs: number): Promise<void> {
    const old: string[] = [];
    for await (const sha256 of this.blobs.olderThan(nowMs - orphanMs)) old.push(sha256);
    const removed = await this.references.sweep(old);
    if (removed > 0) this.#log.info({ removed }, 'orphaned blobs removed');
  }
}
