import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { agentPrefix, channelCodec, channelNames, parseTopic, shardOf } from './agent-channels.js';
import { isLabError } from './errors.js';

const json = {
  encode: (value: unknown) => new TextEncoder().encode(JSON.stringify(value)),
  decode: (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes)),
};
const codec = channelCodec(json);

describe('agent channels', () => {
  it('[MQTT-1] the topic names shard, agent and channel', () => {
    const topic = `${agentPrefix(3, 'bench-1')}/up/live`;
    expect(parseTopic(topic)).toEqual({ shard: 3, agentId: 'bench-1', channel: 'up/live' });
    for (const bad of [
      'hilltop/v1/3/bench-1/up/nothing',
      'hilltop/v2/3/bench-1/up/live',
      'hilltop/v1/64/bench-1/up/live',
      'hilltop/v1/3/+/up/live',
      '#',
      '$SYS/broker',
      'hilltop/v1/3/bench-1/up/__proto__',
    ]) {
      expect(parseTopic(bad)).toBeUndefined();
    }
    expect(shardOf(Uint8Array.from([130]))).toBe(2);
  });
  it('[MQTT-2] decoding gives a valid message or wire.invalid, whatever the bytes', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...channelNames),
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((t) => new TextEncoder().encode(t)),
        ),
        (channel, bytes) => {
          try {
            codec.decode(channel, bytes);
            return true;
          } catch (error) {
            return isLabError(error, 'wire.invalid');
          }
        },
      ),
      { seed: 11, numRuns: 2000 },
    );
  });
  it('[MQTT-2] a message comes back as it went', () => {
    const cancel = { runId: 'run_12345678', fence: 4, reason: 'asked' };
    expect(codec.decode('down/run.cancel', codec.encode('down/run.cancel', cancel))).toEqual(cancel);
  });
});
