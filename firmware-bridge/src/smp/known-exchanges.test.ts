import { describe, expect, it } from '@jest/globals';
import { virtualTimer } from '../simulated/virtual-timer.js';
import { wire } from '../testing/wire.js';
import { decodePayload, encodePayload } from './cbor.js';
import { encodeFrame } from './frame.js';
import { FrameParser } from './frame-parser.js';
import { imageGroup } from './image-group.js';
import { osGroup } from './os-group.js';
import { decodePacket, encodePacket, type SmpPacket, type SmpVersion } from './packet.js';
import { SmpClient } from './smp-client.js';
import { uploadBlob } from './upload.js';

type Ask = (client: SmpClient) => Promise<unknown>;

interface Exchange {
  readonly what: string;
  readonly version: SmpVersion;
  readonly asked: Pick<SmpPacket, 'operation' | 'group' | 'command'> & { readonly fields: object };
  /** Packet and line, as hex and as base64 between marker and newline. */
  readonly question: readonly [packet: string, line: string];
  readonly answer: readonly [packet: string, line: string];
  readonly fields: object;
  readonly ask: Ask;
  /** What the caller gets: a value, or the numbers of `device.refused`. */
  readonly gets: { readonly value: unknown } | { readonly refused: object };
}

const zeroByte = { sha: '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d', data: new Uint8Array(1) };
const upload = {
  operation: 2,
  group: 1,
  command: 1,
  fields: { off: 0, len: 1, sha: new Uint8Array(Buffer.from(zeroByte.sha, 'hex')), data: zeroByte.data },
};
const bring: Ask = (client) =>
  uploadBlob(client, { what: 'an image', group: 1, command: 1, bufferBytes: 384 }, zeroByte.data);
const echo = { operation: 2, group: 0, command: 0, fields: { d: 'hello' } };
const parameters = { operation: 0, group: 0, command: 6, fields: {} };
const images = { operation: 0, group: 1, command: 0, fields: {} };

/**
 * Questions (keys of a map sorted by length, then bytes) and answers as Zephyr 4.4 and MCUboot give them (maps of indefinite length, `rc` 0 in an
 * answer of MCUboot, errors of both versions). All bytes are of Python's struct, base64 and binascii.crc_hqx, none of this code.
 */
const exchanges: readonly Exchange[] = [
  {
    what: 'an echo, version 2',
    version: 2,
    asked: echo,
    question: ['0a00000900000100a161646568656c6c6f', 'ABMKAAAJAAABAKFhZGVoZWxsb3o2'],
    answer: ['0b00000a00000100bf61726568656c6c6fff', 'ABQLAAAKAAABAL9hcmVoZWxsb//0JA=='],
    fields: { r: 'hello' },
    ask: (client) => osGroup.echo(client, 'hello'),
    gets: { value: 'hello' },
  },
  {
    what: 'an echo, version 1',
    version: 1,
    asked: echo,
    question: ['0200000900000100a161646568656c6c6f', 'ABMCAAAJAAABAKFhZGVoZWxsb/0m'],
    answer: ['0300000a00000100bf61726568656c6c6fff', 'ABQDAAAKAAABAL9hcmVoZWxsb/8FSw=='],
    fields: { r: 'hello' },
    ask: (client) => osGroup.echo(client, 'hello'),
    gets: { value: 'hello' },
  },
  {
    what: 'the parameters, version 2',
    version: 2,
    asked: parameters,
    question: ['0800000100000106a0', 'AAsIAAABAAABBqBEIw=='],
    answer: [
      '0900001900000106bf686275665f73697a65190180696275665f636f756e7404ff',
      'ACMJAAAZAAABBr9oYnVmX3NpemUZAYBpYnVmX2NvdW50BP9qCQ==',
    ],
    fields: { buf_size: 384, buf_count: 4 },
    ask: (client) => osGroup.bufferBytes(client),
    gets: { value: 384 },
  },
  {
    what: 'the parameters, version 1',
    version: 1,
    asked: parameters,
    question: ['0000000100000106a0', 'AAsAAAABAAABBqBt3A=='],
    answer: [
      '0100001900000106bf686275665f73697a65190200696275665f636f756e7404ff',
      'ACMBAAAZAAABBr9oYnVmX3NpemUZAgBpYnVmX2NvdW50BP98bg==',
    ],
    fields: { buf_size: 512, buf_count: 4 },
    ask: (client) => osGroup.bufferBytes(client),
    gets: { value: 512 },
  },
  {
    what: 'a group that is not there, version 2',
    version: 2,
    asked: images,
    question: ['0800000100010100a0', 'AAsIAAABAAEBAKCYMQ=='],
    answer: ['0900000600010100bf62726308ff', 'ABAJAAAGAAEBAL9icmMI/1SB'],
    fields: { rc: 8 },
    ask: (client) => imageGroup.state(client),
    gets: { refused: { rc: 8, cause: 'user' } },
  },
  {
    what: 'a group that is not there, version 1',
    version: 1,
    asked: images,
    question: ['0000000100010100a0', 'AAsAAAABAAEBAKCxzg=='],
    answer: ['0100000600010100bf62726308ff', 'ABABAAAGAAEBAL9icmMI/7/q'],
    fields: { rc: 8 },
    ask: (client) => imageGroup.state(client),
    gets: { refused: { rc: 8, cause: 'user' } },
  },
  {
    what: 'an error of a group, version 2',
    version: 2,
    asked: upload,
    question: [
      '0a00003800010101a4636c656e01636f6666006373686158206e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d64646174614100',
      'AEIKAAA4AAEBAaRjbGVuAWNvZmYAY3NoYVggbjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB1kZGF0YUEAY3w=',
    ],
    answer: ['0b00001300010101bf63657272bf6567726f75700162726316ffff', 'AB0LAAATAAEBAb9jZXJyv2Vncm91cAFicmMW//8GhQ=='],
    fields: { err: { group: 1, rc: 22 } },
    ask: bring,
    gets: { refused: { group: 1, rc: 22, cause: 'device' } },
  },
  {
    what: 'an error of a group, version 1',
    version: 1,
    asked: upload,
    question: [
      '0200003800010101a4636c656e01636f6666006373686158206e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d64646174614100',
      'AEICAAA4AAEBAaRjbGVuAWNvZmYAY3NoYVggbjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB1kZGF0YUEA8So=',
    ],
    answer: [
      '0300001b00010101bf627263036372736e70686561646572206d616c666f726d6564ff',
      'ACUDAAAbAAEBAb9icmMDY3JzbnBoZWFkZXIgbWFsZm9ybWVk/2kG',
    ],
    fields: { rc: 3, rsn: 'header malformed' },
    ask: bring,
    gets: { refused: { rc: 3, cause: 'user' } },
  },
  {
    what: 'a success as MCUboot says it to version 2',
    version: 2,
    asked: upload,
    question: [
      '0a00003800010101a4636c656e01636f6666006373686158206e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d64646174614100',
      'AEIKAAA4AAEBAaRjbGVuAWNvZmYAY3NoYVggbjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB1kZGF0YUEAY3w=',
    ],
    answer: ['0b00000b00010101bf62726300636f666601ff', 'ABULAAALAAEBAb9icmMAY29mZgH/8S8='],
    fields: { rc: 0, off: 1 },
    ask: bring,
    gets: { value: expect.objectContaining({ sha256: zeroByte.sha, resumedAt: 0, restarts: 0 }) },
  },
];

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const line = (base64: string): Uint8Array => Buffer.from(`\x06\x09${base64}\n`, 'latin1');

describe.each(exchanges)('known bytes of $what', ({ version, asked, question, answer, fields, ask, gets }) => {
  it('[MCU-75] are written', () => {
    const { fields: payload, ...header } = asked;
    const packet = encodePacket({ version, sequence: 1, ...header, payload: encodePayload(payload) });
    expect(hex(packet)).toBe(question[0]);
    expect(hex(encodeFrame(packet))).toBe(hex(line(question[1])));
  });

  it('[MCU-75] are read', () => {
    for (const [packet, base64] of [question, answer])
      expect(
        new FrameParser()
          .push(line(base64))
          .map((e) => [e.kind, hex('bytes' in e && typeof e.bytes === 'object' ? e.bytes : Buffer.of())]),
      ).toEqual([['packet', packet]]);
    const { payload, ...header } = decodePacket(Buffer.from(answer[0], 'hex'));
    const { operation, group, command } = asked;
    expect(header).toEqual({ version, operation: operation + 1, group, command, sequence: 1 });
    expect(decodePayload(payload)).toEqual(fields);
  });

  it('[MCU-75] are a conversation of the client', async () => {
    const heard: string[] = [];
    const { port } = wire((send) => ({
      receive: (bytes) => {
        heard.push(hex(bytes));
        send(line(answer[1]));
      },
    }));
    const got = ask(new SmpClient(port, { timer: virtualTimer(), version }));
    if ('value' in gets) expect(await got).toEqual(gets.value);
    else await expect(got).rejects.toMatchObject({ code: 'device.refused', details: gets.refused });
    expect(heard).toEqual([hex(line(question[1]))]);
  });
});
