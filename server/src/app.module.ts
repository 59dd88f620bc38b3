import { type DynamicModule, Global, Module } from '@nestjs/common';
import { AccessModule } from './access/access.module.js';
import { AgentModule } from './agents/agent.module.js';
import { CONFIG, type Config } from './config.js';
import { DomainModule } from './domain.module.js';
import { HealthModule } from './health/health.module.js';
import { InvitationModule } from './invitations/invitation.module.js';
import { LabModule } from './lab/lab.module.js';
import { LinksModule } from './links/links.module.js';
import { LOG, type Log } from './log.js';
import { SessionModule } from './sessions/session.module.js';
import { SystemModule } from './system/system.module.js';
import { TokenModule } from './tokens/token.module.js';
import { UploadModule } from './uploads/upload.module.js';
import { UserModule } from './users/user.module.js';

/** How this process runs, for everyone. */
@Global()
@Module({})
class ProcessModule {}

/** The coordinator: platform nouns here, the lab's own nouns in DomainModule. */
@Module({
  imports: [
    LinksModule,
    AccessModule,
    LabModule,
    UserModule,
    TokenModule,
    SessionModule,
    AgentModule,
    UploadModule,
    HealthModule,
    InvitationModule,
    SystemModule,
    DomainModule,
  ],
})
export class AppModule {}

/** The coordinator with its configuration and log. */
export function appModule(config: Config, log: Log): DynamicModule {
  const providers = [
    { provide: CONFIG, useValue: config },
    { provide: LOG, useValue: log },
  ];
  return { module: AppModule, imports: [{ module: ProcessModule, providers, exports: [CONFIG, LOG] }] };
}
