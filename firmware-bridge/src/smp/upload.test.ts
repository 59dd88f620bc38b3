import { createHash } from 'node:crypto';
import { modelGroup } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { openPort } from '../open-port.js';
import { SimulatedSmpBoard } from '../simulated/simulated-smp-board.js';
import { keptBoard } from '../testing/kept-board.js';
import { tcpDevice, type Way } from '../testing/wire.js';
import { uploadPlan } from './model-group.js';
import { SmpClient } from './smp-client.js';
import { chunkBytes } from './upload.js';

const plan = Uint8Array.from({ length: 12_000 }, (_, i) => (i * i) >> 3);
const sha256 = createHash('sha256').update(plan).digest('hex');

const complete = (peer: SimulatedSmpBoard): boolean => peer.requests.at(-1)?.group === modelGroup;
const sent = (peer: SimulatedSmpBoard): number =>
  peer.requests.reduce((sum, r) => sum + ((r.fields.data as Uint8Array | undefined)?.length ?? 0), 0);

describe('uploadBlob', () => {
  // The answers' lines are half of what a small buffer loses; 384 is Zephyr's default and below the figure.
  it.each([
    [384, 0.63],
    [512, 0.65],
    [1024, 0.69],
    [2048, 0.71],
    [4096, 0.72],
  ])(
    'puts a plan through a buffer of %d bytes with an efficiency of %d on the wire, both ways counted',
    async (bufferBytes, least) => {
      const { peer, plug } = keptBoard({ bufferBytes });
      const large = Uint8Array.from({ length: 120_000 }, (_, i) => i);
      const { client } = plug();
      const result = await uploadPlan(client, large, bufferBytes);
      expect(large.length / result.wireBytes).toBeGreaterThan(least);
      expect(result.wireBytes).toBe(client.counters.bytesIn + client.counters.bytesOut);
      expect(result).toMatchObject({ resumedAt: 0, restarts: 0 });
      expect(complete(peer)).toBe(true);
    },
  );

  it('shows its progress to the end', async () => {
    const seen: number[] = [];
    await uploadPlan(keptBoard().plug().client, plan, 1024, { onProgress: ({ sentBytes }) => seen.push(sentBytes) });
    expect(seen.at(-1)).toBe(plan.length);
    expect([...seen].sort((a, b) => a - b)).toEqual(seen);
  });

  it('does not send again what is there', async () => {
    const { peer, plug } = keptBoard();
    await uploadPlan(plug().client, plan, 1024);
    const before = peer.requests.length;
    expect(await uploadPlan(plug().client, plan, 1024)).toMatchObject({ sha256, resumedAt: plan.length });
    expect(peer.requests.length - before).toBe(1);
  });

  it('resumes and completes after a cut at every hundredth byte of the wire', async () => {
    const whole = await uploadPlan(keptBoard().plug().client, plan, 1024);
    let cuts = 0;
    for (let at = 100; at < whole.wireBytes; at += 100) {
      const { peer, plug } = keptBoard();
      let passed = 0;
      const cut: Way = (bytes, deliver, unplug) => {
        const left = at - passed;
        passed += bytes.length;
        if (left > 0) deliver(bytes.subarray(0, left));
        if (passed >= at) unplug();
      };
      const first = plug({ out: cut, back: cut });
      const failed = await uploadPlan(first.client, plan, 1024).then(
        () => 'completed',
        (error: { code: string }) => error.code,
      );
      expect({ at, failed }).toEqual({ at, failed: 'device.unplugged' });
      const again = await uploadPlan(plug().client, plan, 1024);
      expect({ at, sha: again.sha256 }).toEqual({ at, sha: sha256 });
      // At most the chunk that was cut, and the one that asks where to go on, go over the wire twice.
      expect(sent(peer)).toBeLessThanOrEqual(plan.length + 2 * 1024);
      cuts++;
    }
    expect(cuts).toBe(Math.ceil(whole.wireBytes / 100) - 1);
  });

  it('completes when a hundred bytes are lost once, at every hundredth byte of the wire', async () => {
    const whole = await uploadPlan(keptBoard().plug().client, plan, 1024);
    for (let at = 0; at < whole.wireBytes; at += 100) {
      const { peer, plug } = keptBoard();
      let passed = 0;
      const hole: Way = (bytes, deliver) => {
        const from = Math.max(at - passed, 0);
        const to = Math.max(at + 100 - passed, 0);
        passed += bytes.length;
        deliver(Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]));
      };
      const { client } = plug({ out: hole, back: hole });
      expect(await uploadPlan(client, plan, 1024)).toMatchObject({ sha256 });
      expect(client.counters.retries).toBeGreaterThanOrEqual(1);
      expect(complete(peer)).toBe(true);
    }
  });

  it('completes with one bit flipped in every frame it sends first', async () => {
    const { plug } = keptBoard();
    let frames = 0;
    const flip: Way = (bytes, deliver) => {
      const damaged = Uint8Array.from(bytes);
      // Retries begin with a newline: those go through.
      if (bytes[0] !== 0x0a) damaged[(frames * 37) % bytes.length]! ^= 1 << (frames++ % 8);
      deliver(damaged);
    };
    const { client } = plug({ out: flip });
    expect(await uploadPlan(client, plan, 1024)).toMatchObject({ sha256 });
    expect(client.counters.retries).toBe(frames);
  });

  it('completes among log lines, and hands them on', async () => {
    const { plug } = keptBoard();
    const noisy: Way = (bytes, deliver) =>
      deliver(Buffer.concat([Buffer.from('<inf> busy\r\n'), bytes, Buffer.from('> ')]));
    const { client } = plug({ back: noisy });
    let log = '';
    client.onText((bytes) => {
      log += Buffer.from(bytes).toString();
    });
    await uploadPlan(client, plan, 1024);
    expect(log).toBe('<inf> busy\r\n> '.repeat(client.counters.requests));
    expect(client.counters).toMatchObject({ retries: 0, discardedBytes: 0 });
  });

  it('resumes over TCP when the connection is cut in the middle', async () => {
    const device = await tcpDevice((send) => new SimulatedSmpBoard({}, send));
    try {
      const first = await openPort(device.spec);
      const cut = uploadPlan(new SmpClient(first), plan, 1024, {
        onProgress: ({ sentBytes }) => {
          if (sentBytes > plan.length / 2) device.cut();
        },
      });
      await expect(cut).rejects.toMatchObject({ code: 'device.unplugged' });
      const second = await openPort(device.spec);
      const result = await uploadPlan(new SmpClient(second), plan, 1024);
      expect(result.sha256).toBe(sha256);
      expect(result.resumedAt).toBeGreaterThan(plan.length / 2);
      await second.close();
    } finally {
      await device.close();
    }
  });

  it('begins again when the board restarts once, and gives up when it keeps doing so', async () => {
    const { peer, plug } = keptBoard();
    let requests = 0;
    peer.fault = (_request, answer) => {
      if (++requests === 5) peer.reboot();
      return answer();
    };
    expect(await uploadPlan(plug().client, plan, 1024)).toMatchObject({ sha256, restarts: 1 });
    peer.reboot();
    peer.fault = (_request, answer) => {
      if (++requests % 4 === 0) peer.reboot();
      return answer();
    };
    await expect(uploadPlan(plug().client, plan, 1024)).rejects.toMatchObject({
      code: 'device.rebooted',
      details: { cause: 'device' },
    });
  });

  it.each<[string, (off: number) => object]>([
    ['wants bytes beyond the end', () => ({ off: plan.length + 1 })],
    ['has bytes that were never sent', (off) => ({ off: off === 0 ? 900 : off + 5000 })],
    ['stands still', () => ({ off: 900 })],
    ['goes to and fro', (off) => ({ off: off === 0 ? 900 : off === 900 ? 1500 : 900 })],
    ['counts in halves', () => ({ off: 0.5 })],
    ['counts below zero', () => ({ off: -1 })],
  ])('does not believe a server that %s', async (_what, lie) => {
    const { peer, plug } = keptBoard();
    peer.fault = (request, answer) => {
      answer();
      return peer.frame(request, lie(peer.requests.at(-1)!.fields.off as number));
    };
    await expect(uploadPlan(plug().client, plan, 1024)).rejects.toMatchObject({
      code: 'device.protocol',
      details: { cause: 'device' },
    });
    expect(peer.requests.length).toBeLessThan(20);
  });

  it('says when what arrived is not what was sent', async () => {
    const { peer, plug } = keptBoard();
    peer.fault = (request, answer) => {
      answer();
      const { off, data } = peer.requests.at(-1)!.fields as { off: number; data: Uint8Array };
      return peer.frame(request, {
        off: off + data.length,
        ...(off + data.length === plan.length && { match: false }),
      });
    };
    await expect(uploadPlan(plug().client, plan, 1024)).rejects.toMatchObject({
      code: 'device.refused',
      details: { rc: 9, cause: 'infrastructure' },
    });
  });

  it('ends with its reason when it is aborted', async () => {
    const abort = new AbortController();
    const upload = uploadPlan(keptBoard().plug().client, plan, 1024, {
      signal: abort.signal,
      onProgress: () => abort.abort(new Error('enough')),
    });
    await expect(upload).rejects.toThrow('enough');
  });

  it('fills a message to its last byte, and refuses a buffer without room', () => {
    expect(chunkBytes({ off: 0 }, 384)).toBe(384 - 4 - 8 - 1 - 5 - 5 - 3);
    expect(() => chunkBytes({ off: 0, len: 1, sha: new Uint8Array(32) }, 64)).toThrow(
      expect.objectContaining({ code: 'device.protocol' }),
    );
  });
});
