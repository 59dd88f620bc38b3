import type { Change, ConsoleEvent, LiveEvent, Subscribe } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { FrameQueue } from './frame-queue.js';
import { checkMs, type LinkHandlers, LiveLink, lingerMs } from './live-link.js';

/** A lab in hand: questions wait until the test answers them, frames and timers until it lets them pass. */
function harness() {
  let handlers!: LinkHandlers;
  let now = 0;
  const questions: { request: Subscribe; answer: (value: unknown) => void; fail: (error: Error) => void }[] = [];
  const left: string[] = [];
  const timers: { at: number; run: () => void }[] = [];
  const frames: (() => void)[] = [];
  const live: LiveEvent[] = [];
  const consoles: ConsoleEvent[] = [];
  const setTimer = (run: () => void, ms: number): void => void timers.push({ at: now + ms, run });
  const queue = new FrameQueue({ requestFrame: (run) => void frames.push(run), setTimer, isHidden: () => false });
  const link = new LiveLink({
    socket: (given) => {
      handlers = given;
      return {
        open: () => undefined,
        close: () => undefined,
        subscribe: (request) => new Promise((answer, fail) => void questions.push({ request, answer, fail })),
        unsubscribe: (topic) => void left.push(topic),
        present: () => undefined,
        command: async () => undefined,
        point: () => undefined,
        id: () => 'me',
      };
    },
    frames: queue,
    now: () => now,
    setTimer,
    onLive: (event) => void live.push(event),
    onPulses: () => undefined,
    onConsole: (event) => void consoles.push(event),
  });
  link.start();
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 5; i++) await Promise.resolve();
    for (const frame of frames.splice(0)) frame();
  };
  const pass = async (ms: number): Promise<void> => {
    now += ms;
    for (const timer of timers.filter((t) => t.at <= now)) {
      timers.splice(timers.indexOf(timer), 1);
      timer.run();
    }
    await settle();
  };
  return { link, handlers, questions, left, live, consoles, settle, pass };
}

const device = (id: string): Change => ({ kind: 'model', id, value: validModel(id) as never });
const validModel = (id: string) => ({
  id,
  name: id,
  sha256: 'a'.repeat(64),
  bytes: 1,
  opset: 17,
  inputs: [],
  outputs: [],
  parameters: 1,
  createdAt: '2026-11-24T00:00:00.000Z',
});
const whole = (epoch: string, revision: number, ...ids: string[]) => ({
  ok: true,
  snapshot: { topic: 'lab', epoch, revision, entities: ids.map(device) },
});

describe('live link', () => {
  it('[DASH-2] after a restart of the lab it asks with what it has and takes the snapshot of the new epoch', async () => {
    const lab = harness();
    const { store } = lab.link.follow('lab');
    lab.handlers.connected();
    lab.questions.shift()!.answer(whole('one', 7, 'mod_aaaaaaaa1', 'mod_aaaaaaaa2'));
    await lab.settle();
    expect(store.getState().entities.model.size).toBe(2);

    lab.handlers.disconnected('transport close', 'will-retry');
    await lab.settle();
    expect([
      lab.link.connection.getState().status,
      store.getState().phase,
      store.getState().entities.model.size,
    ]).toEqual(['away', 'stale', 2]);

    lab.handlers.connected();
    const question = lab.questions.shift()!;
    expect(question.request).toEqual({ topic: 'lab', have: { epoch: 'one', revision: 7 } });
    question.answer(whole('two', 1, 'mod_aaaaaaaa3'));
    await lab.settle();
    expect([store.getState().phase, [...store.getState().entities.model.keys()]]).toEqual([
      'current',
      ['mod_aaaaaaaa3'],
    ]);
  });

  it('[DASH-2] a gap in the pushes is one new question', async () => {
    const lab = harness();
    const { store } = lab.link.follow('lab');
    lab.handlers.connected();
    lab.questions.shift()!.answer(whole('one', 7));
    await lab.settle();
    lab.handlers.changes({ topic: 'lab', epoch: 'one', from: 9, to: 10, changes: [] });
    lab.handlers.changes({ topic: 'lab', epoch: 'one', from: 10, to: 11, changes: [] });
    await lab.settle();
    expect(lab.questions.map((q) => q.request)).toEqual([{ topic: 'lab', have: { epoch: 'one', revision: 7 } }]);
    lab.questions.shift()!.answer({
      ok: true,
      changes: { topic: 'lab', epoch: 'one', from: 7, to: 11, changes: [device('mod_aaaaaaaa9')] },
    });
    await lab.settle();
    expect([store.getState().have, store.getState().entities.model.size]).toEqual([{ epoch: 'one', revision: 11 }, 1]);
  });

  it('[MCU-48] what a board prints is passed on, what is no such message is not', () => {
    const lab = harness();
    const event = { deviceId: 'dev_00000001', seq: 3, atMs: 1, text: 'hello' };
    lab.handlers.console(event);
    lab.handlers.console({ ...event, text: 5 });
    expect(lab.consoles).toEqual([event]);
  });

  it('an answer of an earlier connection is nothing', async () => {
    const lab = harness();
    const { store } = lab.link.follow('lab');
    lab.handlers.connected();
    const old = lab.questions.shift()!;
    lab.handlers.disconnected('ping timeout', 'will-retry');
    lab.handlers.connected();
    old.answer(whole('one', 3, 'mod_aaaaaaaa1'));
    await lab.settle();
    expect(store.getState().have).toBeUndefined();
    lab.questions.shift()!.answer(whole('one', 4));
    await lab.settle();
    expect(store.getState().have).toEqual({ epoch: 'one', revision: 4 });
  });

  it('an unanswered question is asked again, not in a tight circle', async () => {
    const lab = harness();
    lab.link.follow('lab');
    lab.handlers.connected();
    lab.questions.shift()!.fail(new Error('timeout'));
    await lab.settle();
    expect(lab.questions).toHaveLength(0);
    await lab.pass(1000);
    expect(lab.questions).toHaveLength(1);
  });

  it('a topic is left some time after its last viewer, and not when one comes back', async () => {
    const lab = harness();
    lab.handlers.connected();
    lab.link.follow('job/job_aaaaaaaa1').release();
    lab.link.follow('job/job_aaaaaaaa1').release();
    const back = lab.link.follow('job/job_aaaaaaaa1');
    await lab.pass(lingerMs);
    expect(lab.left).toEqual([]);
    back.release();
    await lab.pass(lingerMs);
    expect(lab.left).toEqual(['job/job_aaaaaaaa1']);
  });

  it('asks now and then whether it has everything, and measures the round trip', async () => {
    const lab = harness();
    lab.link.follow('lab');
    lab.handlers.connected();
    lab.questions.shift()!.answer(whole('one', 7));
    await lab.settle();
    await lab.pass(checkMs);
    await lab.pass(30);
    lab.questions.shift()!.answer({ ok: true, changes: { topic: 'lab', epoch: 'one', from: 7, to: 7, changes: [] } });
    await lab.settle();
    expect(lab.link.connection.getState().roundTripMs).toBe(30);
  });

  it('an answer it cannot read says that the versions differ', async () => {
    const lab = harness();
    const { store } = lab.link.follow('lab');
    lab.handlers.connected();
    lab.questions.shift()!.answer({
      ok: true,
      snapshot: { topic: 'lab', epoch: 'one', revision: 1, entities: [{ kind: 'device', id: 'x', value: {} }] },
    });
    await lab.settle();
    expect([store.getState().phase, store.getState().error?.code]).toEqual(['refused', 'wire.version']);
  });

  it('a refused session is final', () => {
    const lab = harness();
    lab.handlers.disconnected('this token is unknown', 'final');
    expect(lab.link.connection.getState()).toMatchObject({ status: 'refused', reason: 'this token is unknown' });
  });
});
