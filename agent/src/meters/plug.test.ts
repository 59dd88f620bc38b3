import { describe, expect, it } from '@jest/globals';
import { meterLog } from '../testing/meter-log.js';
import { fetchOf } from '../testing/plug-fetch.js';
import { virtualTime } from '../testing/virtual-time.js';
import { digestAnswer, type Fetch, httpJson } from './http-json.js';
import { askShelly, askTasmota, plugMeter } from './plug.js';
import { PlugDisplay, type SimulatedPlug } from './simulated/plug-display.js';
import { servePlug } from './simulated/serve-plug.js';
import { simulatedShelly } from './simulated/shelly.js';
import { SyntheticLoad } from './simulated/synthetic-load.js';
import { simulatedTasmota } from './simulated/tasmota.js';

const secret = { user: 'admin', password: 'pass&word=1' };
const timer = virtualTime();
const display = (idleW = 5): PlugDisplay => new PlugDisplay(new SyntheticLoad({ seed: 4, idleW }), timer);
const jsonOf = (plug: Pick<SimulatedPlug, 'respond'>, credentials?: typeof secret) =>
  httpJson({ base: 'http://plug', fetch: fetchOf(plug), ...(credentials && { credentials }) });

describe('asking a plug', () => {
  it('[METER-11] answers a Digest challenge as RFC 7616 has it', () => {
    const challenge =
      'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';
    const nonce = 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ';
    const answer = digestAnswer(challenge, { user: 'Mufasa', password: 'Circle of Life' }, '/dir/index.html', 1, nonce);
    expect(answer).toContain('response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"');
    expect(answer).toContain('nc=00000001');
  });

  it.each([
    ['Tasmota, in the query', () => simulatedTasmota({ display: display(), credentials: secret }), askTasmota],
    ['Shelly 1, Basic', () => simulatedShelly({ display: display(), generation: 1, credentials: secret }), askShelly],
    ['Shelly 2, Digest', () => simulatedShelly({ display: display(), credentials: secret }), askShelly],
  ] as const)('[METER-11] gives credentials over HTTP: %s', async (_name, make, ways) => {
    const server = await servePlug(make());
    try {
      const json = (credentials?: typeof secret) => httpJson({ base: server.url, ...(credentials && { credentials }) });
      const asked = await ways(json(secret), { credentials: secret });
      expect(await asked.ask()).toMatchObject({ watts: expect.any(Number) });
      const wrong = { ...secret, password: 'pass&word=2' };
      for (const given of [undefined, wrong]) {
        const failure = await ways(json(given), given ? { credentials: given } : {}).catch((error: Error) => error);
        expect(failure).toMatchObject({ code: 'device.refused' });
        expect(String(failure)).not.toMatch(/pass.word/);
      }
    } finally {
      await server.close();
    }
  });

  it('[METER-11] [METER-12] says that nobody answers, without what it asked with', async () => {
    const fetch: Fetch = async (url) => {
      throw new Error(`connect ECONNREFUSED ${url}`);
    };
    const json = httpJson({ base: 'http://plug', fetch });
    const failure = await askTasmota(json, { credentials: secret }).catch((error: Error) => error);
    expect(failure).toMatchObject({ code: 'device.no-answer', message: expect.stringContaining('ECONNREFUSED') });
    expect(String(failure)).not.toMatch(/pass/);
  });

  it('[METER-12] an answer that does not come in time is none', async () => {
    const fetch: Fetch = (_url, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    await expect(httpJson({ base: 'http://plug', fetch, timeoutMs: 5 })('/x')).rejects.toMatchObject({
      code: 'device.no-answer',
    });
  });

  it('[METER-10] has the resolution that a Tasmota is set to', async () => {
    const plug = (wattRes?: number) =>
      simulatedTasmota({ display: display(), ...(wattRes !== undefined && { wattRes }) });
    expect((await askTasmota(jsonOf(plug()), {})).resolution).toBe(1);
    expect((await askTasmota(jsonOf(plug(2)), {})).resolution).toBe(0.01);
  });

  it('[METER-10] chooses an output, and asks for a choice where there are several', async () => {
    const plug = simulatedTasmota({ display: display(), outputs: 2, wattRes: 2 });
    await expect(askTasmota(jsonOf(plug), {})).rejects.toMatchObject({ message: expect.stringContaining('id=0') });
    expect(await (await askTasmota(jsonOf(plug), { output: 1 })).ask()).toMatchObject({ watts: 0 });
    await expect(askShelly(jsonOf(simulatedShelly({ display: display() })), { output: 3 })).rejects.toMatchObject({
      code: 'device.protocol',
    });
  });
});

describe('a plug that measures', () => {
  const metering = async (plug: SimulatedPlug, fetch?: Fetch) => {
    const json = httpJson({ base: 'http://plug', fetch: fetch ?? fetchOf(plug) });
    const meter = plugMeter(await askShelly(json, {}), { key: 'plug', timer, random: () => 0.5 });
    const log = meterLog();
    await meter.start(log);
    return { meter, log };
  };

  it('[METER-10] gives power and its counter once a second, and once more at the end', async () => {
    const { meter, log } = await metering(simulatedShelly({ display: display() }));
    await timer.pass(10_500);
    await meter.stop();
    expect(log.readings.filter(({ sensor }) => sensor === 0)).toHaveLength(12);
    expect(log.readings.filter(({ sensor }) => sensor === 1)).toHaveLength(12);
    expect(log.readings.at(-1)!.beforeMs).toBeGreaterThanOrEqual(timer.now() - 1);
    await timer.pass(5000);
    expect(log.readings).toHaveLength(24);
    expect(meter.sensors).toMatchObject([
      { id: 'shelly/plug', quantity: 'power', kind: 'sampled', scope: 'wall', total: true, resolution: 0.1 },
      { id: 'shelly/plug/energy', quantity: 'energy', kind: 'counter', scope: 'wall', resolution: 3.6 },
    ]);
    expect(meter.sensors[1]).not.toHaveProperty('total');
  });

  it('[METER-12] tells of answers that stay away, and goes on when they come again', async () => {
    let silent = false;
    const plug = simulatedShelly({ display: display() });
    const { meter, log } = await metering(plug, async (url, init) => {
      if (silent) throw new Error('EHOSTUNREACH');
      return fetchOf(plug)(url, init);
    });
    silent = true;
    await timer.pass(3500);
    expect(log.faults.map(({ code }) => code)).toEqual(['meter.no-answer', 'meter.no-answer', 'meter.no-answer']);
    const before = log.readings.length;
    silent = false;
    await timer.pass(3000);
    expect(log.readings.length).toBeGreaterThan(before);
    await meter.stop();
  });

  it('[METER-12] tells of a counter that went back and of a plug that repeats itself', async () => {
    const shown = display(20);
    const { meter, log } = await metering(simulatedShelly({ display: shown }));
    await timer.pass(60_000);
    shown.resetCounter();
    await timer.pass(2000);
    expect(log.faults.map(({ code }) => code)).toEqual(['meter.counter-back']);
    shown.freeze();
    await timer.pass(200_000);
    expect(new Set(log.faults.map(({ code }) => code))).toEqual(new Set(['meter.counter-back', 'meter.frozen']));
    await meter.stop();
  });

  it('[METER-13] one that does not answer does not start', async () => {
    const plug = simulatedShelly({ display: display() });
    const ways = await askShelly(jsonOf(plug), {});
    const mute = { ...ways, ask: () => Promise.reject(new Error('gone')) };
    await expect(plugMeter(mute, { key: 'plug', timer }).start(meterLog())).rejects.toThrow('gone');
  });
});
