import { LabError, type Me } from '@hilltop/contracts';
import { afterEach, describe, expect, it } from '@jest/globals';
import { runCli } from '../run-cli.js';
import { Options } from '../shell/options.js';
import { type Answer, type HttpLab, type Received, startHttpLab } from '../testing/http-lab.js';
import { memoryTerminal } from '../testing/memory-terminal.js';
import { sampleReservation, sampleWish } from '../testing/sample-reservation.js';
import { sampleDevice } from '../testing/samples.js';
import { clockText } from '../text/clock.js';
import { waitText } from '../text/lease-text.js';
import { reserveRequest } from './reserve.js';

const half = '2026-03-01T12:30:00.000Z';
const nowMs = Date.parse('2026-03-01T12:00:00Z');
const end = clockText(half, nowMs);
const me = (owner: string, name: string): Me => ({
  tokenId: 'tok_00000001',
  role: 'operator',
  user: { id: owner, name, role: 'operator', createdAt: half },
});
const ana = me('usr_00000ana', 'Ana');
const mira = me('usr_0000mira', 'Mira');

let lab: HttpLab | undefined;
afterEach(async () => {
  await lab?.close();
  lab = undefined;
});

/** Runs a command line as somebody, in a lab with these reservations; `post` answers what is sent. */
async function hilltop(who: Me, open: readonly object[], post: (request: Received) => Answer, ...argv: string[]) {
  await lab?.close();
  lab = await startHttpLab((request) => {
    if (request.method === 'POST') return post(request);
    if (request.path.endsWith('/me')) return { json: who };
    if (request.path.endsWith('/devices')) return { json: { items: [sampleDevice()] } };
    if (request.path.endsWith('/leases')) return { json: { items: [...open].reverse() } };
    return { json: open.find((each) => 'id' in each && request.path.endsWith(String(each.id))) };
  });
  const terminal = memoryTerminal({ env: { HILLTOP_URL: lab.url, HILLTOP_TOKEN: 'hlt_usr_x' } });
  const status = await runCli(argv, terminal);
  const sent = lab.received
    .filter(({ method }) => method === 'POST')
    .map(({ path, body }) => [path.replace('/api/v1/leases', ''), JSON.parse(body.toString('utf8'))]);
  return { status, sent, ...terminal.written };
}
const never = (): Answer => new LabError('lab.internal', 'nothing was to be sent');

describe('lease verbs', () => {
  it('[LEASE-22] `reserve` asks for what was typed, and for nothing else', () => {
    const options = new Options('reserve', {
      device: ['pi', 'pi-2'],
      label: ['site=berlin'],
      for: ['2h'],
      note: ['probe'],
      force: ['true'],
      reason: ['release day'],
    });
    expect(reserveRequest(options)).toEqual({
      selector: { devices: ['pi', 'pi-2'], labels: { site: 'berlin' } },
      forSeconds: 7200,
      note: 'probe',
      force: { reason: 'release day' },
    });
    expect(reserveRequest(new Options('reserve', { device: ['pi'] }))).toEqual({
      selector: { devices: ['pi'], labels: {} },
    });
  });

  it.each([[['reserve']], [['reserve', '-d', 'pi', '--for', 'long']], [['reserve', '-d', 'pi', '--force']]])(
    '[CLI-2] %j is wrong use',
    async (argv) => {
      expect((await hilltop(ana, [], never, ...argv)).status).toBe(2);
    },
  );

  it('[LEASE-22] `reserve` ends with 0 when the device is yours', async () => {
    const held = sampleReservation();
    const run = await hilltop(ana, [held], () => ({ status: 201, json: held }), 'reserve', '-d', 'bench-pi');
    expect([run.status, run.out]).toEqual([0, `bench-pi is yours until ${end} (rsv_00000001)\n`]);
  });

  it('[LEASE-22] ... and with 1 in the queue, saying who holds it until when and which place it is', async () => {
    const post = () => ({ status: 201, json: sampleWish() });
    const run = await hilltop(mira, [sampleReservation(), sampleWish()], post, 'reserve', '-d', 'bench-pi');
    expect([run.status, run.out]).toEqual([
      1,
      `bench-pi is held by Ana until ${end}; you are 1st in queue (rsv_00000002); \`hilltop reservations\` shows it\n`,
    ]);
    const json = await hilltop(mira, [sampleReservation(), sampleWish()], post, 'reserve', '-d', 'bench-pi', '--json');
    expect([json.status, JSON.parse(json.out)]).toEqual([1, sampleWish()]);
  });

  it('[LEASE-22] `reserve` of what is yours already says until when', async () => {
    const refused = new LabError('lease.held', 'it is yours already', { leaseId: 'rsv_00000001' });
    const run = await hilltop(ana, [sampleReservation()], () => refused, 'reserve', '-d', 'bench-pi');
    expect(run.status).toBe(1);
    expect(run.err).toContain(`held by Ana until ${end}`);
  });

  it.each<[string[], Me, string, object]>([
    [['extend', 'bench-pi', '--for', '1h'], ana, '/extend', { forSeconds: 3600 }],
    [['extend', 'rsv_00000001'], ana, '/extend', { forSeconds: 1800 }],
    [['release', 'bench-pi'], ana, '/release', {}],
    [['handover', 'bench-pi', '--to', 'Mira'], ana, '/handover', { to: 'Mira' }],
    [['answer', 'bench-pi', 'later'], ana, '/answer', { answer: 'later' }],
    [['ask', 'bench-pi'], mira, '/ask', {}],
    [['release', 'bench-pi', '--force', '--reason', 'fire drill'], mira, '/force', { reason: 'fire drill' }],
  ])('[LEASE-22] %j sends the revision it saw', async (argv, who, path, body) => {
    const run = await hilltop(who, [sampleReservation()], () => ({ json: sampleReservation() }), ...argv);
    expect(run).toMatchObject({ status: 0, sent: [[`/rsv_00000001${path}`, { revision: 3, ...body }]] });
  });

  it('[LEASE-22] `take` and `release` find one’s own wish by the device it names', async () => {
    const granted = sampleReservation({ id: 'rsv_00000002', state: 'granted', holder: sampleWish().holder });
    const post = () => ({ json: sampleReservation({ holder: sampleWish().holder }) });
    expect(await hilltop(mira, [granted], post, 'take', 'bench-pi')).toMatchObject({
      status: 0,
      sent: [['/rsv_00000002/take', { revision: 3 }]],
    });
    expect(await hilltop(mira, [sampleReservation(), sampleWish()], post, 'release', 'bench-pi')).toMatchObject({
      status: 0,
      sent: [['/rsv_00000002/release', { revision: 1 }]],
    });
  });

  it('[LEASE-22] what is somebody else’s, or nobody’s, is told and nothing is sent', async () => {
    const foreign = await hilltop(mira, [sampleReservation()], never, 'extend', 'bench-pi');
    expect([foreign.status, foreign.sent]).toEqual([1, []]);
    expect(foreign.err).toContain(`held by Ana until ${end}`);
    const nobody = await hilltop(mira, [], never, 'ask', 'bench-pi', '--json');
    expect([nobody.status, JSON.parse(nobody.out).code]).toEqual([1, 'lease.not-held']);
  });

  it('[LEASE-12] a refusal says what it is now', async () => {
    const now = sampleReservation({ revision: 4, holder: { owner: 'usr_000000jo', name: 'Jo' } });
    const post = () => new LabError('lease.changed', 'it changed meanwhile', { reservation: now });
    const run = await hilltop(ana, [sampleReservation()], post, 'release', 'bench-pi');
    expect(run.status).toBe(1);
    expect(run.err).toContain(`bench-pi: held by Jo until ${end}`);
  });

  it('[LEASE-22] an answer is give, later or no', async () => {
    expect((await hilltop(ana, [sampleReservation()], never, 'answer', 'bench-pi', 'perhaps')).status).toBe(2);
  });

  it('[LEASE-22] `who` names holder, end and queue of each device', async () => {
    const run = await hilltop(ana, [sampleReservation({ note: 'probe' }), sampleWish()], never, 'who', '--json');
    expect(JSON.parse(run.out)).toEqual([
      {
        device: { id: 'dev_00000001', name: 'bench-pi', state: 'available' },
        lease: sampleReservation({ note: 'probe' }),
        queue: [sampleWish()],
      },
    ]);
    const text = await hilltop(ana, [sampleReservation(), sampleWish()], never, 'who');
    expect(text.out.split('\n')[1]).toMatch(new RegExp(`^bench-pi +● available +held by Ana until ${end} +Mira$`));
  });

  it('[LEASE-22] `reservations` lists them with the query that was typed', async () => {
    const argv = ['reservations', '-d', 'bench-pi', '--holder', 'Ana', '--all'];
    const run = await hilltop(ana, [sampleReservation()], never, ...argv);
    expect(run.status).toBe(0);
    expect(run.out).toContain(`held by Ana until ${end}`);
    expect(Object.fromEntries(lab!.received[0]!.query)).toEqual({ device: 'bench-pi', holder: 'Ana', state: 'all' });
  });

  it('[LEASE-22] a wish that nothing in rotation fits says so; of several holders the first to end counts', () => {
    const other = sampleReservation({
      deviceId: 'dev_00000002',
      deviceName: 'pi-2',
      until: '2026-03-01T12:20:00.000Z',
    });
    const wish = sampleWish({ candidates: ['dev_00000001', 'dev_00000002'], place: 2 });
    expect([waitText(wish, [sampleReservation(), other], nowMs), waitText(wish, [], nowMs)]).toEqual([
      `pi-2 is held by Ana until ${clockText('2026-03-01T12:20:00.000Z', nowMs)} (the first of 2); you are 2nd in queue`,
      'bench-pi: no device of these is in rotation now; you are 2nd in queue',
    ]);
  });
});
