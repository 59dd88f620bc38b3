import {
  LabError,
  newsKinds,
  type PageQuery,
  type Subscription,
  type SubscriptionCreate,
  type SubscriptionTest,
} from '@hilltop/contracts';
import { Injectable } from '@nestjs/common';
import { IsNull } from 'typeorm';
import type * as z from 'zod';
import type { Actor } from '../access/actor.js';
import { decodeCursor, page } from '../access/page.js';
import { newId } from '../ids.js';
import { LabIdentity } from '../lab/lab-identity.js';
import { Database } from '../links/database.js';
import { WallClock } from '../schedules/wall-clock.js';
import { Courier, unknownSubscription, withSecret } from './courier.js';
import { DeliveryEntity } from './delivery.entity.js';
import { NewsBook } from './news-book.js';
import { seal } from './sealed-secret.js';
import { SubscriptionEntity } from './subscription.entity.js';

/** Who is told of what. */
@Injectable()
export class SubscriptionService {
  constructor(
    private readonly database: Database,
    private readonly identity: LabIdentity,
    private readonly book: NewsBook,
    private readonly courier: Courier,
    private readonly clock: WallClock,
  ) {}

  /** Throws `subscription.address-refused`, `subscription.folder-refused`, `subscription.name-taken`, `request.invalid` without a webhook's secret. */
  async create(actor: Actor, wish: z.output<typeof SubscriptionCreate>): Promise<Subscription> {
    const { to, secret, name } = wish;
    if ((to.kind === 'webhook') !== (secret !== undefined))
      throw new LabError('request.invalid', 'a webhook needs a secret to be signed with, a folder has none', {
        path: 'secret',
      });
    if (to.kind === 'webhook') this.courier.policy.checkUrl(new URL(to.url));
    else await this.courier.folder(to.folder);
    const row: SubscriptionEntity = {
      id: newId('sub'),
      name,
      to,
      secret: secret === undefined ? null : seal(this.identity.privateKey, secret),
      on: wish.on ?? newsKinds.filter((kind) => kind !== 'test'),
      disabledAt: null,
      disabledReason: null,
      failures: 0,
      lastError: null,
      nextTryAt: null,
      deliveredAt: null,
      createdBy: actor.name,
      createdAt: new Date(this.clock.now()).toISOString(),
    };
    await this.database.write(
      async (manager) => {
        if (await manager.existsBy(SubscriptionEntity, { name }))
          throw new LabError(
            'subscription.name-taken',
            `there is already a subscription ${name}; choose another name`,
            { name },
          );
        await manager.insert(SubscriptionEntity, row);
      },
      { label: 'subscription.create' },
    );
    return this.show(row.id);
  }

  async list(query: PageQuery): Promise<{ items: Subscription[]; next?: string }> {
    const rows = this.database.reader.getRepository(SubscriptionEntity).createQueryBuilder('subscription');
    if (query.cursor !== undefined)
      rows.where('(subscription.name, subscription.id) > (:at, :id)', { ...decodeCursor(query.cursor) });
    const found = await rows
      .orderBy('subscription.name')
      .addOrderBy('subscription.id')
      .limit(query.limit + 1)
      .getMany();
    const views = new Map(await Promise.all(found.map(async (row) => [row.id, await this.#view(row)] as const)));
    return page(
      found,
      query.limit,
      (row) => ({ at: row.name, id: row.id }),
      (row) => views.get(row.id)!,
    );
  }

  /** Throws `subscription.unknown`. */
  async show(id: string): Promise<Subscription> {
    const row = await this.database.reader.getRepository(SubscriptionEntity).findOneBy({ id });
    if (!row) throw unknownSubscription(id);
    return this.#view(row);
  }

  /** With what waits for it. Throws `subscription.unknown`. */
  async remove(id: string): Promise<void> {
    await this.database.write(
      async (manager) => {
        const { affected } = await manager.delete(SubscriptionEntity, { id });
        if (affected === 0) throw unknownSubscription(id);
      },
      { label: 'subscription.remove' },
    );
  }

  /** Sends a test past everything that waits; when it arrives, what was given up goes on. Throws `subscription.unknown`. */
  async test(actor: Actor, id: string): Promise<SubscriptionTest> {
    const row = await withSecret(this.database.reader.manager, id);
    if (!row) throw unknownSubscription(id);
    const createdAt = new Date(this.clock.now()).toISOString();
    const news = this.book.newsOf('test', { text: `a test, sent by ${actor.name}` }, createdAt);
    const sent = await this.courier.send(row, {
      id: newId('msg'),
      kind: 'test',
      body: JSON.stringify(news),
      createdAt,
    });
    if (sent.ok) {
      await this.courier.note(id, sent);
      this.courier.kick();
    }
    return { delivered: sent.ok, ...(!sent.ok && { error: sent.error }), subscription: await this.show(id) };
  }

  async #view(row: SubscriptionEntity): Promise<Subscription> {
    const waiting = await this.database.reader
      .getRepository(DeliveryEntity)
      .countBy({ subscriptionId: row.id, deliveredAt: IsNull() });
    return {
      id: row.id,
      name: row.name,
      to: row.to,
      on: row.on,
      failures: row.failures,
      waiting,
      createdBy: row.createdBy,
      createdAt: row.createdAt,
      ...(row.disabledAt !== null && { disabled: { at: row.disabledAt, reason: row.disabledReason ?? '' } }),
      ...(row.lastError !== null && { lastError: row.lastError }),
      ...(row.deliveredAt !== null && { deliveredAt: row.deliveredAt }),
    };
  }
}
