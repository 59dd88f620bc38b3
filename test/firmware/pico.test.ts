// The prebuilt image on the emulated Raspberry Pi Pico; needs nothing but the lab's own packages.

import { describe } from '@jest/globals';
import { startEmulatedPico } from '../support/emulated-pico.js';
import { boardSuite } from './board-suite.js';

describe('prebuilt firmware on the emulated Pico', () =>
  boardSuite(startEmulatedPico, {
    board: 'pico',
    cpu: 'cortex-m0plus',
    hz: 125_000_000,
    ticks: 'systick',
    exact: true,
    losesPort: false,
  }));
