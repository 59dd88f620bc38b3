import type { News, NewsKind } from '@hilltop/contracts';
import { Injectable } from '@nestjs/common';
import { IsNull, LessThan, Not } from 'typeorm';
import { newId } from '../ids.js';
import { LabIdentity } from '../lab/lab-identity.js';
import { Database } from '../links/database.js';
import { Signal } from '../links/signal.js';
import { WallClock } from '../schedules/wall-clock.js';
import { DeliveryEntity } from './delivery.entity.js';
import { NewsEntity } from './news.entity.js';
import { SubscriptionEntity } from './subscription.entity.js';

/** `key` names the event, e.g. `gate:gate_7k…`: it is told once, however often it is heard of. */
export interface Event {
  readonly key: string;
  readonly kind: Exclude<NewsKind, 'test'>;
  readonly data: Omit<News['data'], 'labId'>;
}

/** What was delivered is kept so long. */
const keepDeliveriesMs = 30 * 86_400_000;
/** Longer than an event can be heard of again: a device that returns belongs to its quarantine. */
const keepNewsMs = 400 * 86_400_000;

/** Everything that was worth telling; each becomes one delivery to everyone who wants its kind, in one transaction. */
@Injectable()
export class NewsBook {
  /** Something waits to be delivered. */
  readonly waiting = new Signal<void>();

  constructor(
    private readonly database: Database,
    private readonly identity: LabIdentity,
    private readonly clock: WallClock,
  ) {}

  async tell({ key, kind, data }: Event): Promise<void> {
    await this.database.write(
      async (manager) => {
        if (await manager.existsBy(NewsEntity, { key })) return;
        const at = new Date(this.clock.now()).toISOString();
        const news = this.newsOf(kind, data, at);
        await manager.insert(NewsEntity, { id: newId('news'), key, at, news });
        const wanting = (await manager.findBy(SubscriptionEntity, { disabledAt: IsNull() })).filter(({ on }) =>
          on.includes(kind),
        );
        let position = Number((await manager.maximum(DeliveryEntity, 'position')) ?? 0);
        for (const { id: subscriptionId } of wanting)
          await manager.insert(DeliveryEntity, {
            id: newId('msg'),
            position: ++position,
            subscriptionId,
            kind,
            body: JSON.stringify(news),
            createdAt: at,
            deliveredAt: null,
          });
        if (wanting.length > 0) this.database.afterCommit(() => this.waiting.emit());
      },
      { label: 'news.tell' },
    );
  }

  newsOf(type: NewsKind, data: Event['data'], timestamp: string): News {
    return { type, timestamp, data: { labId: this.identity.labId, ...data } };
  }

  /** Forgets what arrived long ago. */
  async prune(): Promise<void> {
    const before = (ms: number) => LessThan(new Date(this.clock.now() - ms).toISOString());
    await this.database.write(
      async (manager) => {
        await manager.delete(DeliveryEntity, { deliveredAt: Not(IsNull()), createdAt: before(keepDeliveriesMs) });
        await manager.delete(NewsEntity, { at: before(keepNewsMs) });
      },
      { label: 'news.prune' },
    );
  }
}
