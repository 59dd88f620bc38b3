import { join } from 'node:path';
import { errorText, LabError } from '@hilltop/contracts';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { type EntityManager, IsNull } from 'typeorm';
import { CONFIG, type Config } from '../config.js';
import { LabIdentity } from '../lab/lab-identity.js';
import { Database } from '../links/database.js';
import { LOG, type Log } from '../log.js';
import { WallClock } from '../schedules/wall-clock.js';
import { AddressPolicy } from './address-policy.js';
import { mostFailures, waitAfter } from './backoff.js';
import { DeliveryEntity } from './delivery.entity.js';
import { NewsBook } from './news-book.js';
import { newsFileName, newsFolder, writeNews } from './news-folder.js';
import { unseal } from './sealed-secret.js';
import { type Sent, sendWebhook } from './send-webhook.js';
import { SubscriptionEntity } from './subscription.entity.js';
import { webhookHeaders } from './webhook-signature.js';

/**
 * Delivers: of one subscription one piece after the other, in order, each until it arrives; all there is to know is in the database. At least once: a
 * stop between the arrival and its note sends the same id again.
 */
@Injectable()
export class Courier implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly policy: AddressPolicy;
  readonly #root: string;
  readonly #log: Log;
  readonly #busy = new Map<string, Promise<void>>();
  readonly #again = new Set<string>();
  readonly #stop = new AbortController();
  #stopListening: (() => void) | undefined;
  #cancel: (() => void) | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly identity: LabIdentity,
    private readonly book: NewsBook,
    private readonly clock: WallClock,
    @Inject(CONFIG) config: Pick<Config, 'dataDir' | 'newsDir' | 'newsHosts'>,
    @Inject(LOG) log: Log,
  ) {
    this.policy = new AddressPolicy(config.newsHosts);
    this.#root = config.newsDir ?? join(config.dataDir, 'news');
    this.#log = log.child({ part: 'news' });
  }

  onApplicationBootstrap(): void {
    this.#stopListening = this.book.waiting.listen(() => this.kick());
    this.kick();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopListening?.();
    this.#cancel?.();
    this.#stop.abort();
    await this.idle();
  }

  /** Something waits, or may be tried again. */
  kick(): void {
    if (this.#stop.signal.aborted) return;
    this.#looking = this.#looking
      .then(() => this.#look())
      .catch((error: unknown) => this.#log.error({ err: error }, 'deliveries could not be looked at'));
  }

  /** Everything that may be tried now has been. */
  async idle(): Promise<void> {
    for (let looking: Promise<void> | undefined; looking !== this.#looking || this.#busy.size > 0; ) {
      looking = this.#looking;
      await looking;
      await Promise.all(this.#busy.values());
    }
  }

  /** Throws `subscription.folder-refused`. */
  folder(wish: string): Promise<string> {
    return newsFolder(this.#root, wish);
  }

  /** One attempt, whatever is due. */
  async send(
    subscription: SubscriptionEntity,
    message: Pick<DeliveryEntity, 'id' | 'kind' | 'body' | 'createdAt'>,
  ): Promise<Sent> {
    const { to } = subscription;
    try {
      if (to.kind === 'folder') {
        await writeNews(
          await this.folder(to.folder),
          newsFileName(message.createdAt, message.kind, message.id),
          `${message.body}\n`,
        );
        return { ok: true };
      }
      const secret = unseal(this.identity.privateKey, subscription.secret!);
      const headers = webhookHeaders(secret, message.id, this.clock.now(), message.body);
      return await sendWebhook(this.policy, to.url, headers, message.body, this.#stop.signal);
    } catch (error) {
      return { ok: false, error: errorText(error) };
    }
  }

  async #look(): Promise<void> {
    this.#cancel?.();
    const now = this.clock.now();
    let waitMs = this.clock.longestWaitMs;
    const active = await this.database.reader.getRepository(SubscriptionEntity).findBy({ disabledAt: IsNull() });
    for (const { id, nextTryAt, failures } of active) {
      const wait = nextTryAt === null ? 0 : Date.parse(nextTryAt) - now;
      // Longer than any wait: the clock was set back.
      if (wait <= 0 || wait > waitAfter(failures, () => 1)) this.#serve(id);
      else waitMs = Math.min(waitMs, wait);
    }
    if (!this.#stop.signal.aborted) this.#cancel = this.clock.after(waitMs, () => this.kick());
  }

  #serve(id: string): void {
    this.#again.add(id);
    if (this.#busy.has(id)) return;
    const done = this.#deliver(id)
      .catch((error: unknown) => this.#log.error({ err: error, subscriptionId: id }, 'delivery'))
      .finally(() => {
        this.#busy.delete(id);
        // Asked for after the last look into the database.
        if (this.#again.has(id) && !this.#stop.signal.aborted) this.#serve(id);
      });
    this.#busy.set(id, done);
  }

  /** One after the other until nothing waits or one fails. */
  async #deliver(id: string): Promise<void> {
    while (this.#again.delete(id)) {
      for (;;) {
        const { manager } = this.database.reader;
        const subscription = await withSecret(manager, id);
        const next = await manager.findOne(DeliveryEntity, {
          where: { subscriptionId: id, deliveredAt: IsNull() },
          order: { position: 'ASC' },
        });
        if (!subscription || subscription.disabledAt !== null || !next) break;
        const sent = await this.send(subscription, next);
        // Cut off by the stop itself: no failure of the receiver.
        if (!sent.ok && this.#stop.signal.aborted) return;
        await this.note(id, sent, next.id);
        if (!sent.ok) {
          this.#log.warn({ subscriptionId: id, messageId: next.id, reason: sent.error }, 'news did not arrive');
          this.#again.delete(id);
          this.kick();
          return;
        }
      }
    }
  }

  /** What came of an attempt. One that arrives ends being disabled. */
  async note(id: string, sent: Sent, deliveryId?: string): Promise<void> {
    await this.database.write(
      async (manager) => {
        const row = await manager.findOneBy(SubscriptionEntity, { id });
        if (!row) return;
        const now = this.clock.now();
        const at = new Date(now).toISOString();
        if (sent.ok) {
          if (deliveryId !== undefined) await manager.update(DeliveryEntity, { id: deliveryId }, { deliveredAt: at });
          const good = {
            failures: 0,
            lastError: null,
            nextTryAt: null,
            disabledAt: null,
            disabledReason: null,
            deliveredAt: at,
          };
          await manager.update(SubscriptionEntity, { id }, good);
          return;
        }
        const failures = row.failures + 1;
        const reason = sent.gone
          ? 'the receiver wants no more (410)'
          : failures >= mostFailures && `${failures} attempts failed, the last: ${sent.error}`;
        await manager.update(
          SubscriptionEntity,
          { id },
          {
            failures,
            lastError: sent.error.slice(0, 500),
            nextTryAt: new Date(now + waitAfter(failures, Math.random)).toISOString(),
            ...(reason && row.disabledAt === null && { disabledAt: at, disabledReason: reason.slice(0, 500) }),
          },
        );
      },
      { label: 'news.attempt' },
    );
  }
}

/** With what lists leave out. */
export function withSecret(manager: EntityManager, id: string): Promise<SubscriptionEntity | null> {
  return manager
    .createQueryBuilder(SubscriptionEntity, 'subscription')
    .addSelect('subscription.secret')
    .where('subscription.id = :id', { id })
    .getOne();
}

export const unknownSubscription = (id: string): LabError =>
  new LabError('subscription.unknown', 'there is no such subscription; `hilltop notify ls` lists them', {
    subscription: id,
  });
