import { join } from 'node:path';
import { claimTtlMs } from '@hilltop/contracts';
import { Global, Module } from '@nestjs/common';
import { CONFIG, type Config } from '../config.js';
import { LabIdentity } from '../lab/lab-identity.js';
import type { Log } from '../log.js';
import { LOG } from '../log.js';
import { AgentLink } from './agent-link.js';
import { BlobStore } from './blob-store.js';
import { Broker } from './broker.js';
import { Database } from './database.js';

/** Database, blobs, agents: everything outside the process that is not a person. */
@Global()
@Module({
  providers: [
    { provide: LabIdentity, useFactory: (config: Config) => LabIdentity.load(config.dataDir), inject: [CONFIG] },
    {
      provide: Database,
      useFactory: (config: Config, log: Log) => Database.open(join(config.dataDir, 'hilltop.db'), log),
      inject: [CONFIG, LOG],
    },
    { provide: BlobStore, useFactory: (config: Config) => new BlobStore(config.dataDir), inject: [CONFIG] },
    {
      provide: Broker,
      useFactory: (config: Config, identity: LabIdentity) =>
        new Broker(config, { epoch: identity.epoch, labId: identity.labId }, claimTtlMs),
      inject: [CONFIG, LabIdentity],
    },
    {
      provide: AgentLink,
      useFactory: (log: Log, broker: Broker) =>
        new AgentLink(log, (events, authenticate) => broker.open(events, authenticate)),
      inject: [LOG, Broker],
    },
  ],
  exports: [LabIdentity, Database, BlobStore, Broker, AgentLink],
})
export class LinksModule {}
