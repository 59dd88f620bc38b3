import { statSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { CONFIG, type Config } from '../config.js';
import { AgentLink } from '../links/agent-link.js';
import { Database } from '../links/database.js';

/**
 * What the lab measures about itself. Names carry base units; labels have few values, never the id of a run.
 * Other nouns add their own with `registry`.
 */
@Injectable()
export class MetricsService implements OnModuleDestroy {
  readonly registry = new Registry();
  readonly requests = new Histogram({
    name: 'hilltop_http_request_duration_seconds',
    help: 'Time to answer a request',
    labelNames: ['route', 'method', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [this.registry],
  });
  readonly #loop = monitorEventLoopDelay({ resolution: 20 });

  constructor(@Inject(CONFIG) config: Config, database: Database, link: AgentLink) {
    const registers = [this.registry];
    const messages = new Counter({
      name: 'hilltop_mqtt_messages_total',
      help: 'Messages between coordinator and agents',
      labelNames: ['direction', 'channel'],
      registers,
    });
    const bytes = new Counter({
      name: 'hilltop_mqtt_bytes_total',
      help: 'Payload bytes of these messages',
      labelNames: ['direction', 'channel'],
      registers,
    });
    const rejected = new Counter({
      name: 'hilltop_mqtt_rejected_total',
      help: 'Connections, frames and messages turned away',
      labelNames: ['reason'],
      registers,
    });
    link.observe({
      message: (direction, channel, length) => {
        messages.inc({ direction, channel });
        bytes.inc({ direction, channel }, length);
      },
      rejected: (reason) => rejected.inc({ reason }),
    });
    const wait = new Histogram({
      name: 'hilltop_db_gate_wait_seconds',
      help: 'Time a write waited for its turn',
      buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
      registers,
    });
    database.onGateWait((ms) => wait.observe(ms / 1000));
    this.#gauge('hilltop_mqtt_clients', 'Agents that are connected', () => link.clients);
    this.#gauge('hilltop_db_gate_length', 'Writes that wait or run', () => database.writerQueueLength);
    const log = join(config.dataDir, 'hilltop.db-wal');
    this.#gauge(
      'hilltop_db_wal_bytes',
      'Length of the write-ahead log',
      () => statSync(log, { throwIfNoEntry: false })?.size ?? 0,
    );
    this.#gauge('hilltop_process_resident_memory_bytes', 'Memory of the coordinator', () => process.memoryUsage.rss());
    this.#loop.enable();
    new Gauge({
      name: 'hilltop_eventloop_delay_seconds',
      help: 'Delay of the event loop since the last scrape',
      labelNames: ['quantile'],
      registers,
      collect: () => this.#loopDelay(),
    });
  }

  onModuleDestroy(): void {
    this.#loop.disable();
  }

  #gauge(name: string, help: string, read: () => number): void {
    const gauge: Gauge = new Gauge({ name, help, registers: [this.registry], collect: () => gauge.set(read()) });
  }

  #loopDelay(): void {
    const gauge = this.registry.getSingleMetric('hilltop_eventloop_delay_seconds');
    if (!(gauge instanceof Gauge)) return;
    for (const quantile of [50, 99]) gauge.set({ quantile: `0.${quantile}` }, this.#loop.percentile(quantile) / 1e9);
    this.#loop.reset();
  }
}
