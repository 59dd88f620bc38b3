import { readPicoImage } from '../image.js';
import { PicoMachine } from '../machine.js';
import { echoImage } from './echo-image.js';

/** A machine without a thread: `ask` gives it bytes, lets it run until it sleeps, and gives back what it said. */
export function askMachine(
  image: Uint8Array = echoImage,
  translate = true,
): { machine: PicoMachine; ask(bytes?: number[]): number[] } {
  const queue: number[] = [];
  const said: number[] = [];
  const machine = new PicoMachine(readPicoImage(image), {
    onByte: (byte) => said.push(byte),
    hasByte: () => queue.length > 0,
    takeByte: () => queue.shift(),
    cyclesPerByte: 1356,
    translate,
  });
  const ask = (bytes: number[] = []): number[] => {
    queue.push(...bytes);
    // Far more than any command of the test program takes.
    for (let rounds = 0; rounds < 50; rounds++) {
      machine.run(100_000);
      if (machine.asleep && queue.length === 0) {
        if (machine.wakesInNanos === undefined) break;
        machine.skipToAlarm();
      }
      if (machine.halt) break;
    }
    return said.splice(0);
  };
  return { machine, ask };
}
