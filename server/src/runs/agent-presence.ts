import { type Heartbeat, type RunError } from '@hilltop/contracts';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { In, Not } from 'typeorm';
import { DeviceEntity } from '../devices/device.entity.js';
import { Presence } from '../devices/presence.js';
import { unplugged } from '../devices/unplugged.js';
import { AgentLink } from '../links/agent-link.js';
import { Database } from '../links/database.js';
import { LOG, type Log } from '../log.js';
import { AgentSession } from './agent-session.js';
import { AttemptEntity } from './attempt.entity.js';
import { ClaimClock } from './claim-clock.js';
import { Outbox } from './outbox.js';
import { RunLedger } from './run-ledger.js';
import { RunMetrics } from './run-metrics.js';

/** How often silence and claims are looked at. */
const sweepMs = 1000;
/** A cut shorter than this is not worth a change of state. */
const graceMs = 3000;

const lost: RunError = {
  code: 'run.lost',
  message: 'the agent was not heard of for as long as its claim holds',
  cause: 'infrastructure',
};

/** Agents staying and leaving: heartbeats renew claims; silence ends them. */
@Injectable()
export class AgentPresence implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #log: Log;
  /** Agents that said hello to this process: only these can come back without a new one. */
  readonly #met = new Set<string>();
  readonly #departures = new Set<NodeJS.Timeout>();
  #timer: NodeJS.Timeout | undefined;
  #sweeping = false;

  constructor(
    private readonly database: Database,
    private readonly presence: Presence,
    private readonly link: AgentLink,
    private readonly claims: ClaimClock,
    private readonly ledger: RunLedger,
    private readonly session: AgentSession,
    private readonly outbox: Outbox,
    private readonly metrics: RunMetrics,
    @Inject(LOG) log: Log,
  ) {
    this.#log = log.child({ part: 'agent-presence' });
  }

  async onApplicationBootstrap(): Promise<void> {
    // Nobody's claim may run out because of our own absence.
    const held = await this.database.reader
      .getRepository(AttemptEntity)
      .findBy({ state: In(['claimed', 'preparing', 'running']) });
    for (const { runId, agentId, fence } of held) this.claims.hold(runId, agentId, fence);
    this.#timer = setInterval(() => void this.sweep(), sweepMs);
    this.#timer.unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.#timer);
    for (const timer of this.#departures) clearTimeout(timer);
  }

  arrived(agentId: string): void {
    this.#met.add(agentId);
  }

  /** The agent is connected and not welcome: no heartbeat brings it work. */
  async refused(agentId: string): Promise<void> {
    this.#met.delete(agentId);
    await this.away([agentId], 'its agent was turned away; the log says why');
  }

  /** Renews what the agent holds; what it should not hold it is told to stop. */
  async heartbeat(agentId: string, heartbeat: Heartbeat): Promise<void> {
    if (!this.#met.has(agentId)) return;
    const unknown = heartbeat.renew.filter(({ runId, fence }) => !this.claims.renew(runId, agentId, fence));
    const returned = !this.presence.online(agentId);
    this.presence.heard(agentId);
    if (!returned && unknown.length === 0) return;
    if (returned) this.presence.arrived(agentId);
    await this.ledger.write('heartbeat', async (entry) => {
      for (const { runId, fence } of unknown) {
        if (await this.session.adopt(entry, agentId, runId, fence)) continue;
        const attempt = await entry.manager.findOneBy(AttemptEntity, { runId, fence, agentId });
        // Its end is known, and the agent will hear of that in its own time.
        if (attempt?.state === 'reporting' || attempt?.state === 'succeeded') continue;
        await entry.tell(agentId, runId, 'down/run.cancel', {
          runId,
          fence,
          reason: 'the claim on it is not held any more',
        });
      }
      if (!returned) return;
      for (const { id, currentRunId, stateReason } of await entry.manager.findBy(DeviceEntity, {
        agentId,
        state: 'offline',
      })) {
        if (stateReason === unplugged) continue;
        await entry.manager.update(
          DeviceEntity,
          { id },
          { state: currentRunId === null ? 'available' : 'busy', stateReason: null, lastSeenAt: entry.at },
        );
        entry.news.devices.add(id);
      }
    });
    if (returned) this.outbox.open(agentId);
  }

  /** The connection went: a hint. If it does not come back soon, the devices are shown as away; claims live on. */
  gone(agentId: string): void {
    const timer = setTimeout(() => {
      this.#departures.delete(timer);
      if (this.link.connected(agentId) || !this.presence.online(agentId)) return;
      this.away([agentId], 'its agent has lost the connection').catch((error: unknown) =>
        this.#log.error({ agentId, err: error }, 'departure not noted'),
      );
    }, graceMs);
    timer.unref();
    this.#departures.add(timer);
  }

  /** Ends what has been silent for too long. */
  async sweep(): Promise<void> {
    this.claims.tick();
    if (this.#sweeping) return;
    this.#sweeping = true;
    try {
      const silent = this.presence.silent();
      if (silent.length > 0) await this.away(silent, 'its agent has not been heard of');
      const expired = this.claims.expired();
      if (expired.length > 0) await this.#expire(expired);
    } catch (error) {
      this.#log.error({ err: error }, 'sweeping failed');
    } finally {
      this.#sweeping = false;
    }
  }

  async away(agentIds: readonly string[], reason: string): Promise<void> {
    for (const agentId of agentIds) {
      this.presence.left(agentId);
      this.outbox.close(agentId);
    }
    await this.ledger.write('agents.away', async (entry) => {
      const devices = await entry.manager.findBy(DeviceEntity, {
        agentId: In([...agentIds]),
        state: Not(In(['retired', 'offline'])),
      });
      for (const { id } of devices) {
        await entry.manager.update(DeviceEntity, { id }, { state: 'offline', stateReason: reason });
        entry.news.devices.add(id);
      }
    });
    this.#log.info({ agentIds, reason }, 'agents away');
  }

  async #expire(expired: ReadonlyArray<{ runId: string; agentId: string; fence: number }>): Promise<void> {
    // Who does not renew must not get the next attempt either, before it is heard again.
    for (const { agentId } of expired) {
      this.presence.left(agentId);
      this.outbox.close(agentId);
    }
    await this.ledger.write('claims.expired', async (entry) => {
      for (const { runId, fence } of expired) {
        // Renewed while this waited for its turn.
        if (!this.claims.expired().some((claim) => claim.runId === runId && claim.fence === fence)) continue;
        const [run, attempt] = [await entry.run(runId), await entry.manager.findOneBy(AttemptEntity, { runId, fence })];
        entry.news.released.add(runId);
        if (!run || attempt?.n !== run.attempt || !['claimed', 'preparing', 'running'].includes(run.state)) continue;
        await entry.lose(run, attempt, lost);
        this.metrics.claimsExpired.inc();
        this.#log.warn({ runId, fence, attempt: attempt.n }, 'claim expired');
      }
    });
    await this.away([...new Set(expired.map(({ agentId }) => agentId))], 'its agent has not been heard of');
  }
}
