// The prebuilt image on the emulated Raspberry Pi Pico; needs nothing but the lab's own packages.

import { describe } from '@jest/globals';
import { startEmulatedPico } from '../support/emulated-pico.js';
import { boardSuite } from './board-suite.js';

// By USB a board that starts anew leaves the bus: its port goes, and comes back.
describe.each(['uart', 'usb'] as const)('[MCU-67] prebuilt firmware on the emulated Pico, by %s', (line) =>
  boardSuite(() => startEmulatedPico({ line }), {
    board: 'pico',
    cpu: 'cortex-m0plus',
    hz: 125_000_000,
    ticks: 'systick',
    exact: true,
    losesPort: line === 'usb',
  }),
);
