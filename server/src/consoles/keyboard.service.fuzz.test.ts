import { LabError, mulberry32 } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import type { Actor } from '../access/actor.js';
import type { LeaseCommandOf } from '../leases/lease.service.js';
import { leaseOfRow } from '../leases/lease-rows.js';
import type { Commander } from '../leases/lease-rules.js';
import { pick, players, randomRule } from '../leases/testing/random-rule.js';
import { ConsoleBench, type PlantedFaults, type Witnessed } from './testing/console-bench.js';

const firstSeed = Number(process.env['HILLTOP_SEED'] ?? 1);
const histories = Number(process.env['HILLTOP_CONSOLE_DATABASE_HISTORIES'] ?? 3);
const batches = 20;
const atOnce = 6;

const actorOf = ({ owner, name, person, admin }: Commander): Actor => ({
  tokenId: owner,
  ...(person && { userId: owner }),
  role: admin ? 'admin' : 'operator',
  name,
});

interface Played {
  readonly faults: string[];
  readonly accepted: number;
  readonly refused: number;
  readonly writers: number;
}

/** Commands of leases and keyboards that come at the same moment, over a real database that itself notes whose the device was. */
async function play(seed: number, planted: PlantedFaults = {}): Promise<Played> {
  const random = mulberry32(seed);
  const bench = await ConsoleBench.start(planted);
  const accepted: Array<{ order: number; owner: string; text: string }> = [];
  let refused = 0;
  const faults: string[] = [];
  try {
    for (let batch = 0; batch < batches; batch++) {
      await bench.pass(pick([0, 0, 1, 20, 61, 130, 700], random));
      const { state } = await bench.leases.store.load(bench.leases.database.reader.manager);
      const all = (await bench.leases.rows()).map(leaseOfRow);
      const holder = players.find(({ owner }) =>
        state.leases.some((l) => l.state === 'held' && l.holder.owner === owner),
      );
      const { writer } = bench.keyboard;
      const work = Array.from({ length: atOnce }, async (_, i) => {
        if (random() < 0.25) {
          const rule = randomRule(state, all, ['pico'], i, random);
          if (rule.type === 'reserve') return bench.leases.leases.reserve(actorOf(rule.by), { ...rule });
          if (!('revision' in rule)) return bench.leases.leases.sweep();
          const { id, by, ...command } = rule;
          return bench.leases.leases.act(actorOf(by), id, command as LeaseCommandOf);
        }
        const likely = [holder, players.find(({ owner }) => owner === writer?.owner)].filter((p) => p !== undefined);
        const who = likely.length > 0 && random() < 0.7 ? pick(likely, random) : pick(players, random);
        const by = actorOf(who);
        const connection = pick([`${who.owner}-1`, `${who.owner}-2`], random);
        const type = pick(
          ['take', 'ask', 'answer', 'drop', 'disconnect', 'type', 'type', 'type', 'type'] as const,
          random,
        );
        if (type === 'disconnect') return bench.keyboards.disconnected(connection);
        if (type === 'answer') return bench.keyboards.act(by, 'pico', { type, answer: 'give' });
        if (type !== 'type') return bench.keyboards.act(by, 'pico', { type, connection });
        const text = `${batch}.${i}.${who.name}\n`;
        return bench.keyboards
          .type(by, 'pico', { text }, connection)
          .then((order) => accepted.push({ order, owner: who.owner, text }));
      });
      for (const answer of await Promise.allSettled(work))
        if (answer.status === 'rejected') {
          if (!(answer.reason instanceof LabError)) faults.push(String(answer.reason));
          refused++;
        }
      await bench.leases.settled();
    }
    faults.push(...(await judge(bench, accepted)));
    const marks = (await bench.lines()).filter(({ kind, text }) => kind === 'mark' && text === 'has the keyboard');
    return { faults, accepted: accepted.length, refused, writers: new Set(marks.map(({ owner }) => owner)).size };
  } finally {
    await bench.close();
  }
}

async function judge(bench: ConsoleBench, accepted: ReadonlyArray<{ order: number; owner: string; text: string }>) {
  const faults: string[] = [];
  const witnessed = await bench.witnessed();
  let writer: string | null = null;
  let under: Witnessed | undefined;
  for (const line of await bench.lines()) {
    if (line.kind === 'mark') {
      writer = line.text === 'has the keyboard' ? line.owner : null;
      under = witnessed.get(line.position);
    }
    if (line.kind !== 'in') continue;
    const now = witnessed.get(line.position);
    // The same lease may be another's: then nobody writes under it who did before.
    if (now?.leaseId !== under?.leaseId || now?.holder !== under?.holder)
      faults.push(`line ${line.position} was typed under ${now?.holder}, the keyboard was had under ${under?.holder}`);
    if (line.owner !== writer) faults.push(`line ${line.position} is by ${line.owner}; ${writer} has the keyboard`);
    if (witnessed.get(line.position)?.leaseId == null)
      faults.push(`line ${line.position} was typed outside of any lease`);
    const told = accepted.find(({ order }) => order === Number(line.position));
    if (told?.owner !== line.owner || told?.text !== line.text)
      faults.push(`line ${line.position} is not what was accepted`);
  }
  // Each accepted key went to the board once, in the order of acceptance.
  const orders = [...accepted].sort((a, b) => a.order - b.order);
  const sent = bench.sent.map(({ order, text }) => `${order} ${text}`);
  if (JSON.stringify(sent) !== JSON.stringify(orders.map(({ order, text }) => `${order} ${text}`)))
    faults.push(`${orders.length} keys were accepted, ${sent.length} sent, or in another order`);
  return faults;
}

describe('random histories of keyboards over a database', () => {
  it(`[CONS-2] [CONS-3] [CONS-10] ${histories} of them, ${atOnce} commands at once: one writer, inside the lease; no accepted key lost or doubled`, async () => {
    const total = { accepted: 0, refused: 0, writers: 0 };
    for (let seed = firstSeed; seed < firstSeed + histories; seed++) {
      const { faults, accepted, refused, writers } = await play(seed);
      expect({ seed, faults }).toEqual({ seed, faults: [] });
      total.accepted += accepted;
      total.refused += refused;
      total.writers = Math.max(total.writers, writers);
    }
    expect(total.accepted).toBeGreaterThan(30);
    expect(total.refused).toBeGreaterThan(100);
    expect(total.writers).toBeGreaterThan(1);
  }, 60_000);

  const planted: Array<[string, PlantedFaults]> = [
    ['a lease that is looked at too late', { staleLease: true }],
    ['a lease that is handed over under its id', { sameHolding: true }],
    ['a line that doubles', { line: 'doubles' }],
    ['a line that drops', { line: 'drops' }],
  ];
  it.each(planted)(
    '[CONS-4] they find %s',
    async (_name, faults) => {
      const found: string[] = [];
      for (let seed = firstSeed; found.length === 0 && seed < firstSeed + 8; seed++)
        found.push(...(await play(seed, faults)).faults);
      expect(found).not.toEqual([]);
    },
    60_000,
  );
});
