import { describe, expect, it } from '@jest/globals';
import { encode } from 'cborg';
import { virtualTimer } from '../simulated/virtual-timer.js';
import { decodePayload } from '../smp/cbor.js';
import { encodeFrame } from '../smp/frame.js';
import { FrameParser } from '../smp/frame-parser.js';
import { decodePacket, encodePacket } from '../smp/packet.js';
import { wire } from '../testing/wire.js';
import { flashImage } from './flash-image.js';

type Fields = Record<string, unknown>;

/** A server with group 1: MCUboot's serial recovery (no parameters, rc 0 beside every success) or a running one. */
class ImageServer {
  readonly asked: string[] = [];
  readonly flash: number[] = [];
  chosen: Fields | undefined;
  private readonly parser = new FrameParser();
  constructor(
    private readonly kind: 'recovery' | 'running',
    private readonly send: (bytes: Uint8Array) => void,
  ) {}

  receive(bytes: Uint8Array): void {
    for (const event of this.parser.push(bytes)) {
      if (event.kind !== 'packet') continue;
      const request = decodePacket(event.bytes);
      const key = `${request.group}/${request.command}/${request.operation}`;
      this.asked.push(key);
      const answer = this.perform(key, decodePayload(request.payload));
      this.send(encodeFrame(encodePacket({ ...request, operation: request.operation + 1, payload: encode(answer) })));
    }
  }

  private perform(key: string, fields: Fields): Fields {
    const running = this.kind === 'running';
    if (key === '0/6/0' && running) return { buf_size: 600, buf_count: 4 };
    if (key === '1/1/2') {
      if (fields.off === this.flash.length) this.flash.push(...(fields.data as Uint8Array));
      return { rc: 0, off: this.flash.length };
    }
    if (key === '1/0/0')
      return {
        images: [
          { slot: 0, version: '1.0.0', ...(running && { hash: new Uint8Array(32), active: true, confirmed: true }) },
          ...(running
            ? [{ slot: 1, version: '1.1.0', hash: new Uint8Array(32).fill(5), active: false, pending: false }]
            : []),
        ],
      };
    if (key === '1/0/2') {
      this.chosen = fields;
      return { images: [] };
    }
    return key === '0/5/2' ? {} : { rc: 8 };
  }
}

const image = Uint8Array.from({ length: 5000 }, (_, i) => i * 3);
const client = { timer: virtualTimer() };

describe('flashImage', () => {
  it('brings an image to MCUboot and restarts the board', async () => {
    const { port, peer } = wire((send) => new ImageServer('recovery', send));
    const result = await flashImage(port, image, { client });
    expect(peer.flash).toEqual([...image]);
    expect(peer.asked.at(-1)).toBe('0/5/2');
    expect(peer.chosen).toBeUndefined();
    expect(image.length / result.wireBytes).toBeGreaterThan(0.65);
  });

  it('tells a running server to try it once, and keeps to its buffer', async () => {
    const { port, peer } = wire((send) => new ImageServer('running', send));
    await flashImage(port, image, { client });
    expect(peer.flash).toEqual([...image]);
    expect(peer.chosen).toEqual({ hash: new Uint8Array(32).fill(5), confirm: false });
    expect(peer.asked.filter((key) => key === '1/1/2').length).toBe(Math.ceil(5000 / 570));
  });

  it('goes on where it was cut', async () => {
    let send: (bytes: Uint8Array) => void = () => undefined;
    const server = new ImageServer('recovery', (bytes) => send(bytes));
    const plug = () =>
      wire((to) => {
        send = to;
        return server;
      });
    const first = plug();
    const cut = flashImage(first.port, image, {
      client,
      onProgress: ({ sentBytes }) => {
        if (sentBytes > 2000) first.unplug();
      },
    });
    await expect(cut).rejects.toMatchObject({ code: 'device.unplugged' });
    expect((await flashImage(plug().port, image, { client })).resumedAt).toBeGreaterThan(2000);
    expect(server.flash).toEqual([...image]);
  });
});
