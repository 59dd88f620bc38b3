import { jetsonAgxOrin } from './jetson-agx-orin.js';
import { jetsonNano } from './jetson-nano.js';
import { jetsonOrinNano } from './jetson-orin-nano.js';
import { jetsonXavierNx } from './jetson-xavier-nx.js';
import { laptop } from './laptop.js';
import { machineRoomServer } from './machine-room-server.js';
import { raspberryPi4 } from './raspberry-pi-4.js';
import { raspberryPi5 } from './raspberry-pi-5.js';
import type { BoardFixture } from './tree.js';

/** Every board of the fixtures by its name. */
export const boards = {
  'Jetson Nano': jetsonNano,
  'Jetson Xavier NX': jetsonXavierNx,
  'Jetson Orin Nano': jetsonOrinNano,
  'Jetson AGX Orin': jetsonAgxOrin,
  'Raspberry Pi 4': raspberryPi4,
  'Raspberry Pi 5': raspberryPi5,
  'x86 laptop': laptop,
  server: machineRoomServer,
} as const satisfies Record<string, BoardFixture>;
