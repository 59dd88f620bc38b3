import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { actor } from '../leases/testing/lease-bench.js';
import { refusal } from '../leases/testing/lease-game.js';
import { ConsoleBench } from './testing/console-bench.js';

const [ana, mira] = [actor('Ana'), actor('Mira')];
const pico = 'dev_0000pico';

describe('keyboards', () => {
  let bench: ConsoleBench;
  beforeEach(async () => {
    bench = await ConsoleBench.start();
  });
  afterEach(() => bench.close());

  const type = (who: typeof ana, text = 'x\n', connection = `${who.name}-1`) =>
    bench.keyboards.type(who, 'pico', { text }, connection);
  const act = (who: typeof ana, what: 'take' | 'ask' | 'drop', connection = `${who.name}-1`) =>
    bench.keyboards.act(who, 'pico', { type: what, connection });
  const reserve = (who: typeof ana) => bench.leases.reserve(who, { devices: ['pico'] });
  const lines = async () => (await bench.lines()).map(({ kind, name, text }) => `${kind} ${name ?? ''} ${text.trim()}`);

  it('[CONS-1] nobody types to a device that nobody holds, nor to one that is no board', async () => {
    expect(await refusal(act(ana, 'take'))).toBe('console.no-lease');
    expect(await refusal(type(ana))).toBe('console.no-lease');
    await bench.leases.add('host');
    expect(await refusal(bench.keyboards.act(ana, 'host', { type: 'take' }))).toBe('console.absent');
  });

  it('[CONS-3] the keyboard goes with the lease, in the step that ends it, also when nobody looked yet', async () => {
    const lease = await reserve(ana);
    await act(ana, 'take');
    await type(ana, 'one\n');
    await bench.leases.leases.act(ana, lease.id, { type: 'release', revision: lease.revision });
    expect(await refusal(type(ana))).toBe('console.no-lease');
    const next = await reserve(mira);
    expect(await refusal(type(ana))).toBe('console.not-writer');
    await act(mira, 'take');
    await type(mira, 'two\n');
    // Over, and not yet swept.
    bench.leases.skip(next.forSeconds);
    expect(await refusal(type(mira))).toBe('console.no-lease');
    expect(await lines()).toEqual([
      'mark Ana has the keyboard',
      'in Ana one',
      'mark Ana has the keyboard no more',
      'mark Mira has the keyboard',
      'in Mira two',
      'mark Mira has the keyboard no more',
    ]);
    expect(bench.sent.map(({ text }) => text)).toEqual(['one\n', 'two\n']);
  });

  it('[CONS-3] a lease that is handed over under its id takes the keyboard along from who had it', async () => {
    const lease = await reserve(ana);
    await act(ana, 'take');
    const to = { owner: mira.userId!, name: 'Mira', person: true };
    await bench.leases.leases.act(ana, lease.id, { type: 'handover', to, revision: lease.revision });
    expect(await refusal(type(ana))).toBe('console.not-writer');
    await act(mira, 'take');
    await type(mira);
  });

  it('[CONS-2] the holder gives the keyboard to who asks, and it ends with the holder’s lease', async () => {
    const lease = await reserve(ana);
    await act(ana, 'take');
    await act(mira, 'ask');
    expect(await bench.keyboards.state(pico)).toMatchObject({ writer: { name: 'Ana' }, ask: { by: { name: 'Mira' } } });
    expect(await refusal(bench.keyboards.act(mira, 'pico', { type: 'answer', answer: 'give' }))).toBe(
      'console.not-yours',
    );
    await bench.keyboards.act(ana, 'pico', { type: 'answer', answer: 'give' });
    expect(await refusal(type(ana))).toBe('console.not-writer');
    await type(mira);
    await bench.leases.leases.act(ana, lease.id, { type: 'release', revision: lease.revision });
    expect(await refusal(type(mira))).toBe('console.no-lease');
    await bench.leases.settled();
    expect(await bench.keyboards.state(pico)).toEqual({ deviceId: pico, revision: expect.anything(), watchers: 0 });
  });

  it('[CONS-5] an ask is granted by itself after 60 s without a key; a key before starts them anew', async () => {
    await reserve(ana);
    await act(ana, 'take');
    await bench.pass(30);
    await act(mira, 'ask');
    await type(ana);
    await bench.pass(59);
    expect(await refusal(type(mira))).toBe('console.not-writer');
    await bench.pass(1);
    await type(mira);
    expect(await refusal(type(ana))).toBe('console.not-writer');
  });

  it('[CONS-6] a connection that ends keeps nothing; one who comes by REST loses it by saying nothing', async () => {
    await reserve(ana);
    await act(ana, 'take');
    await bench.keyboards.disconnected('Ana-1');
    expect(await refusal(type(ana))).toBe('console.not-writer');
    await bench.keyboards.act(ana, 'pico', { type: 'take' });
    await bench.pass(60);
    expect(await refusal(bench.keyboards.type(ana, 'pico', { text: 'x\n' }))).toBe('console.not-writer');
  });

  it('[CONS-7] a run that is measured locks it; while its files come, what is typed belongs to it', async () => {
    await reserve(ana);
    await act(ana, 'take');
    bench.run = { runId: 'run_00000001', phase: 'measuring' };
    expect(await refusal(type(ana))).toBe('console.measuring');
    bench.run = { runId: 'run_00000001', phase: 'fetching' };
    await type(ana, 'before\n');
    bench.run = undefined;
    await type(ana, 'after\n');
    expect(await bench.transcript.lines({ runId: 'run_00000001' })).toMatchObject([
      { kind: 'in', text: 'before\n', author: { owner: ana.userId, name: 'Ana' }, outcome: 'sent' },
    ]);
  });

  it('[CONS-10] while its agent is away nothing is accepted; what became of a line is written down, by its own agent only', async () => {
    await reserve(ana);
    await act(ana, 'take');
    bench.connected = false;
    expect(await refusal(type(ana))).toBe('device.offline');
    bench.connected = true;
    const order = await type(ana);
    await bench.delivery.hear('agent-other', { deviceId: pico, order, outcome: 'written' });
    expect((await bench.transcript.line(order))?.line.outcome).toBe('sent');
    await bench.delivery.hear('agent-pico', { deviceId: pico, order, outcome: 'refused', code: 'console.too-late' });
    expect((await bench.transcript.line(order))?.line).toMatchObject({ outcome: 'refused', code: 'console.too-late' });
  });

  it('[CONS-11] what was printed stands before what was typed after it, and old text is forgotten', async () => {
    await reserve(ana);
    await act(ana, 'take');
    const said = { deviceId: pico, seq: 0, atMs: bench.leases.now, text: 'ready\n' };
    bench.leases.live.console.emit(said);
    expect(await bench.transcript.lines({ deviceId: pico })).toMatchObject([{ kind: 'mark' }, { kind: 'out' }]);
    await type(ana);
    bench.leases.live.console.emit({ ...said, text: 'answer\n' });
    await bench.transcript.flush();
    expect((await bench.lines()).map(({ kind }) => kind)).toEqual(['mark', 'out', 'in', 'out']);
    await bench.transcript.forget(bench.leases.now + 31 * 86_400_000);
    expect(await bench.lines()).toEqual([]);
  });
});
