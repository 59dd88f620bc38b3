import {
  type Agent,
  type AgentJoin,
  type AgentJoined,
  LabError,
  type Labels,
  type PageQuery,
} from '@hilltop/contracts';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { decodeCursor, page } from '../access/page.js';
import { randomText } from '../ids.js';
import { LabIdentity } from '../lab/lab-identity.js';
import { AgentLink, shardOfAgent } from '../links/agent-link.js';
import { Database } from '../links/database.js';
import { LOG, type Log } from '../log.js';
import { TokenService } from '../tokens/token.service.js';
import { AgentEntity } from './agent.entity.js';
import { checkAssertion, ReplayCache } from './assertion.js';
import { proofHolds } from './join-proof.js';

/** A connection that comes and goes costs at most one write in this time. */
const seenStepMs = 60_000;

/** Who serves hardware here: enrolment, credentials, presence. */
@Injectable()
export class AgentService implements OnModuleInit {
  readonly #replays = new ReplayCache();
  readonly #seen = new Map<string, number>();

  constructor(
    private readonly database: Database,
    private readonly link: AgentLink,
    private readonly tokens: TokenService,
    private readonly identity: LabIdentity,
    @Inject(LOG) private readonly log: Log,
  ) {}

  onModuleInit(): void {
    this.link.admitWith(
      (agentId, assertion) => this.authenticate(agentId, assertion),
      (agentId) => this.isActive(agentId),
    );
    this.link.onDisconnect((agentId) => {
      this.markSeen(agentId).catch((error: unknown) => this.log.warn({ agentId, err: error }, 'not noted as seen'));
    });
  }

  /**
   * Enrols an agent and uses up one enrolment of its token, in one transaction; again with the same key, it answers the
   * same agent and uses nothing. Throws `join.proof-invalid`, `join.token-invalid`, `join.token-spent`, `auth.revoked`.
   */
  async join(join: AgentJoin): Promise<AgentJoined> {
    if (!proofHolds(join, this.identity.fingerprint)) {
      throw new LabError(
        'join.proof-invalid',
        'the agent could not prove its key for this lab; start the enrolment again',
      );
    }
    const agentId = await this.database.write(
      async (manager) => {
        const known = await manager.findOneBy(AgentEntity, { publicKey: join.publicKey });
        if (known?.revokedAt)
          throw new LabError(
            'auth.revoked',
            'this agent was removed from the lab; delete its data directory and join again',
          );
        if (known) return known.id;
        const token = await this.tokens.spendJoin(manager, join.joinToken);
        const id = agentIdFrom(join.name);
        const createdAt = new Date().toISOString();
        await manager.insert(AgentEntity, {
          id,
          name: join.name,
          publicKey: join.publicKey,
          labels: token.labels ?? {},
          createdAt,
        });
        return id;
      },
      { label: 'agent.join' },
    );
    return { agentId, labId: this.identity.labId, shard: shardOfAgent(agentId) };
  }

  /** Why a connecting agent is refused; undefined when its assertion is good. */
  async authenticate(agentId: string, text: string): Promise<string | undefined> {
    const agent = await this.database.reader.getRepository(AgentEntity).findOneBy({ id: agentId });
    if (!agent) return 'unknown agent';
    if (agent.revokedAt !== null) return 'revoked';
    const nowSeconds = Math.floor(Date.now() / 1000);
    const checked = checkAssertion(text, agent.publicKey, this.identity.labId, nowSeconds);
    if ('refusal' in checked) return checked.refusal;
    return this.#replays.add(`${agentId} ${checked.assertion.jti}`, nowSeconds) ? undefined : 'used before';
  }

  async list(query: PageQuery): Promise<{ items: Agent[]; next?: string }> {
    const rows = this.database.reader.getRepository(AgentEntity).createQueryBuilder('agent');
    if (query.cursor !== undefined)
      rows.where('(agent.createdAt, agent.id) > (:at, :id)', { ...decodeCursor(query.cursor) });
    const found = await rows
      .orderBy('agent.createdAt')
      .addOrderBy('agent.id')
      .limit(query.limit + 1)
      .getMany();
    return page(
      found,
      query.limit,
      (row) => ({ at: row.createdAt, id: row.id }),
      (row) => this.#toAgent(row),
    );
  }

  /** Throws `request.not-found`. */
  async get(id: string): Promise<Agent> {
    return this.#toAgent(await this.#find(id));
  }

  /** Labels that the agent got from its join token. Throws `request.not-found`. */
  async labels(id: string): Promise<Labels> {
    return (await this.#find(id)).labels;
  }

  /** Whether the agent may take part: enrolled and not revoked. With an outside broker this is all that stands. */
  async isActive(id: string): Promise<boolean> {
    const row = await this.database.reader.getRepository(AgentEntity).findOneBy({ id });
    return row !== null && row.revokedAt === null;
  }

  /** Ends the agent's key now and cuts its connection. Throws `request.not-found`. */
  async revoke(id: string): Promise<void> {
    await this.database.write(
      async (manager) => {
        const row = await manager.findOneBy(AgentEntity, { id });
        if (!row) throw new LabError('request.not-found', 'there is no such agent');
        if (row.revokedAt === null) await manager.update(AgentEntity, { id }, { revokedAt: new Date().toISOString() });
        this.database.afterCommit(() => this.link.close(id));
      },
      { label: 'agent.revoke' },
    );
  }

  /** Notes that the agent was there, and its version where that is known. */
  async markSeen(id: string, version?: string): Promise<void> {
    const now = Date.now();
    if (version === undefined && now - (this.#seen.get(id) ?? 0) < seenStepMs) return;
    this.#seen.set(id, now);
    const change = { lastSeenAt: new Date(now).toISOString(), ...(version !== undefined && { version }) };
    await this.database.write((manager) => manager.update(AgentEntity, { id }, change), { label: 'agent.seen' });
  }

  async #find(id: string): Promise<AgentEntity> {
    const row = await this.database.reader.getRepository(AgentEntity).findOneBy({ id });
    if (!row) throw new LabError('request.not-found', 'there is no such agent');
    return row;
  }

  #toAgent(row: AgentEntity): Agent {
    return {
      id: row.id,
      name: row.name,
      connected: this.link.connected(row.id),
      createdAt: row.createdAt,
      ...(row.version !== null && { version: row.version }),
      ...(row.lastSeenAt !== null && { lastSeenAt: row.lastSeenAt }),
      ...(row.revokedAt !== null && { revokedAt: row.revokedAt }),
    };
  }
}

/** Name -> letters a topic level may have, and four random ones: `bench-pi-4k2q`. */
export function agentIdFrom(name: string): string {
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 48);
  return `${slug || 'agent'}-${randomText(4)}`;
}
