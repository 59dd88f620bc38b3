import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Presence } from '../devices/presence.js';
import { AgentLink } from '../links/agent-link.js';
import { AgentPresence } from './agent-presence.js';
import { AgentSession } from './agent-session.js';
import { BlobTransfer } from './blob-transfer.js';
import { ConsoleService } from './console.service.js';
import { HeartbeatPulse } from './heartbeat-pulse.js';
import { Inbox } from './inbox.js';
import { RunProgress } from './run-progress.js';

/** What agents say, each to its handler. Registered before the broker opens, so nothing is missed. */
@Injectable()
export class AgentDoor implements OnModuleInit {
  constructor(
    private readonly link: AgentLink,
    private readonly session: AgentSession,
    private readonly presence: AgentPresence,
    private readonly heard: Presence,
    private readonly inbox: Inbox,
    private readonly transfer: BlobTransfer,
    private readonly progress: RunProgress,
    private readonly consoles: ConsoleService,
    private readonly pulse: HeartbeatPulse,
  ) {}

  onModuleInit(): void {
    this.link.on('up/hello', async (agentId, hello) => {
      if (await this.session.hello(agentId, hello)) this.presence.arrived(agentId);
      else await this.presence.refused(agentId);
    });
    this.link.on('up/heartbeat', async (agentId, heartbeat) => {
      await this.presence.heartbeat(agentId, heartbeat);
      await this.pulse.hear(agentId, heartbeat.devices);
    });
    this.link.on('up/journal', (agentId, batch) => {
      this.heard.heard(agentId);
      this.inbox.receive(agentId, batch);
    });
    this.link.on('up/live', (_agentId, live) => this.progress.hear(live));
    this.link.on('up/console', (agentId, message) => this.consoles.hear(agentId, message));
    this.link.on('up/blob.request', (agentId, request) => this.transfer.manifest(agentId, request));
    this.link.on('up/chunk.request', (agentId, request) => this.transfer.chunks(agentId, request));
    this.link.on('up/gone', (agentId) => this.presence.gone(agentId));
    this.link.onDisconnect((agentId) => this.presence.gone(agentId));
  }
}
