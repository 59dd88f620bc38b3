import type { Device, Entities, Me, PersonHere } from '@hilltop/contracts';
import { jobTitle } from '../panels/jobs/job-share.js';
import { type DeviceLeases, deviceLeases } from '../panels/leases/lease-model.js';

/** What the page holds of the lab when the palette opens. */
export interface Known {
  readonly entities: Pick<Entities, 'device' | 'model' | 'job' | 'sweep' | 'schedule' | 'gate' | 'reservation'>;
  readonly me: Me | undefined;
  readonly people: readonly PersonHere[];
  /** The address of this screen, whole. */
  readonly address: string;
}

/** Things that a verb can name. */
export type ThingKind = 'device' | 'model' | 'job' | 'sweep' | 'schedule' | 'gate';

/** A thing by what people call it. `key`: what stands for it in a line, an address and a REST call. */
export interface Thing {
  readonly kind: ThingKind;
  readonly id: string;
  readonly key: string;
  readonly title: string;
  /** What tells it from others: its state, whose it is. */
  readonly detail: string;
  readonly href: string;
  readonly state: string;
}

const path = (kind: ThingKind, key: string): string => `/${kind}s/${encodeURIComponent(key)}`;

/** All things of a kind, newest first where that means anything. */
export function thingsOf(kind: ThingKind, { entities }: Known): readonly Thing[] {
  const thing = (id: string, key: string, title: string, detail: string, state: string): Thing => ({
    kind,
    id,
    key,
    title,
    detail,
    state,
    href: path(kind, key),
  });
  switch (kind) {
    case 'device':
      return [...entities.device.values()].map((d) => thing(d.id, d.name, d.name, d.state, d.state));
    case 'model':
      return [...entities.model.values()].map((m) => thing(m.id, m.name, m.name, 'model', ''));
    case 'job':
      return newest(entities.job.values()).map((j) => thing(j.id, j.id, jobTitle(j), `${j.state} · ${j.id}`, j.state));
    case 'sweep':
      return newest(entities.sweep.values()).map((s) => thing(s.id, s.id, s.name, `${s.state} · ${s.id}`, s.state));
    case 'schedule':
      return [...entities.schedule.values()].map((s) =>
        thing(s.id, s.name, s.name, s.paused ? 'paused' : s.cron, s.paused ? 'paused' : ''),
      );
    case 'gate':
      return newest(entities.gate.values()).map((g) =>
        thing(g.id, g.id, `${g.sweepName} vs ${g.baselineName}`, `${g.verdict} · ${g.id}`, g.verdict),
      );
  }
}

const newest = <T extends { readonly createdAt: string }>(values: Iterable<T>): T[] =>
  [...values].sort((a, b) => b.createdAt.localeCompare(a.createdAt));

/** The thing that a word of a line names, by id or by name; of several, the newest. */
export function findThing(kind: ThingKind, word: string, known: Known): Thing | undefined {
  const things = thingsOf(kind, known);
  return things.find(({ id }) => id === word) ?? things.find(({ key, title }) => key === word || title === word);
}

/** Who holds a device that a word names. */
export function leasesOf(word: string, known: Known): (DeviceLeases & { readonly device: Device }) | undefined {
  const thing = findThing('device', word, known);
  const device = thing && known.entities.device.get(thing.id);
  return device && { device, ...deviceLeases(device.id, known.entities.reservation.values(), known.me) };
}
