// While the Pico counts cycles its lines wait: whatever arrives, by UART or USB, the count is the same.
import { modelAnswers, modelCommands, modelGroup } from '@hilltop/contracts';
import { describe, expect, it } from '@jest/globals';
import { StrictHost } from '../../firmware-bridge/src/emulator/testing/strict-host.js';
import { decodePayload, encodePayload } from '../../firmware-bridge/src/smp/cbor.js';
import { encodeFrame, startMarker } from '../../firmware-bridge/src/smp/frame.js';
import { encodePacket, headerBytes, smpOperations } from '../../firmware-bridge/src/smp/packet.js';
import { copyPlan } from '../support/copy-plan.js';

// Some ten thousand cycles an inference.
const { plan, sha256 } = copyPlan(16_384);
const sha = new Uint8Array(Buffer.from(sha256, 'hex'));
const getStatus = Uint8Array.of(0x80, 0, 0, 0, 0, 0, 2, 0);

function frame(command: keyof typeof modelCommands, payload: object): number[] {
  return [
    ...encodeFrame(
      encodePacket({
        operation: smpOperations.write,
        version: 1,
        group: modelGroup,
        sequence: 1,
        command: modelCommands[command],
        payload: encodePayload(payload),
      }),
    ),
  ];
}

/** The map of an answer that is one line. */
function answerOf(bytes: readonly number[]): Record<string, unknown> {
  const line = Buffer.from(bytes.slice(startMarker.length, bytes.indexOf(0x0a))).toString('latin1');
  return decodePayload(new Uint8Array(Buffer.from(line, 'base64').subarray(2 + headerBytes, -2)));
}

function loaded(): StrictHost {
  const host = new StrictHost();
  host.enumerate();
  host.writeUart(frame('upload', { off: 0, len: plan.length, sha, data: plan }));
  host.writeUart(frame('load', { sha }));
  host.uart.length = 0;
  return host;
}

describe('[MCU-68] a Pico that counts', () => {
  it('counts the same with a silent bus and with one that asks all the time', () => {
    const infer = frame('infer', { n: 8, warm: 0 });
    const silent = loaded();
    silent.writeUart(infer);
    const { t } = modelAnswers.infer.parse(answerOf(silent.uart));

    const asked = loaded();
    let answers = 0;
    let questions = 0;
    const { usb } = asked;
    usb.onEndpointWrite = (endpoint) => {
      if (endpoint === 0) answers++;
    };
    asked.begin([...infer, 0x0a, 0x0a]);
    while (asked.uart.length === 0) {
      usb.sendSetupPacket(getStatus);
      questions++;
      asked.machine.run(700);
    }
    asked.settle();
    expect(modelAnswers.infer.parse(answerOf(asked.uart)).t).toEqual(t);
    // Many were kept waiting, some answered between two inferences.
    expect(questions).toBeGreaterThan(50);
    expect(answers).toBeGreaterThan(8);
    expect(answers).toBeLessThan(questions);
  });
});
