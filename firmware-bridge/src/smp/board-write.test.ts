import { describe, expect, it } from '@jest/globals';
import { TinyDevice } from '../mlperf-tiny/tiny-device.js';
import type { BytePort } from '../port.js';
import { SmpClient } from './smp-client.js';

/** A port that keeps what is written, and answers nothing. */
function silentPort(): { port: BytePort; written: string[]; say: (text: string) => void } {
  const written: string[] = [];
  let listener: (bytes: Uint8Array) => void = () => undefined;
  return {
    written,
    say: (text) => listener(Buffer.from(text)),
    port: {
      identity: { key: 'test', name: 'test' },
      write: async (bytes) => void written.push(Buffer.from(bytes).toString('latin1')),
      onData: (heard) => {
        listener = heard;
        return () => undefined;
      },
      onClose: () => () => undefined,
      close: async () => undefined,
    },
  };
}

describe('writing beside the protocol', () => {
  it('[CONS-12] waits for the end of a request that is under way', async () => {
    const { port, written } = silentPort();
    const client = new SmpClient(port, { timeoutMs: 5, attempts: 1 });
    const request = client
      .request({
        what: 'nothing',
        operation: 'read',
        group: 0,
        command: 0,
        payload: {},
        answer: { safeParse: () => ({}) },
      } as never)
      .catch(() => undefined);
    await client.write(Buffer.from('help\n'));
    await request;
    expect(written.map((text) => text.startsWith('\u0006\t'))).toEqual([true, false]);
    expect(written[1]).toBe('help\n');
  });

  it('[CONS-12] goes to a benchmark device as it is, and its answer to the console', async () => {
    const { port, written, say } = silentPort();
    const device = new TinyDevice(port);
    const heard: string[] = [];
    device.onConsole((line) => heard.push(line));
    await device.write(Buffer.from('name%'));
    say('m-name-dut-[acme]\r\nm-ready\r\n');
    expect([written, heard]).toEqual([['name%'], ['m-name-dut-[acme]']]);
  });
});
