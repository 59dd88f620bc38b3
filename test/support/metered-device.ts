import { createServer, type Socket } from 'node:net';
import { hostTimer } from '../../agent/src/meters/host-clock.js';
import { SimulatedPpk2 } from '../../agent/src/meters/simulated/ppk2.js';
import { SyntheticLoad } from '../../agent/src/meters/simulated/synthetic-load.js';

export interface MeteredDevice {
  /** For `--meter`. */
  readonly spec: string;
  /** What was truly taken between two times of `CLOCK_MONOTONIC`, J. */
  readonly energyJ: (fromMs: number, toMs: number) => number;
  readonly stop: () => Promise<void>;
}

/**
 * A synthetic device in the supply of a simulated PPK2 that speaks its bytes over TCP, as behind a serial bridge. Its load steps all the
 * time, so that each window has another energy.
 */
export async function meteredDevice(seed: number): Promise<MeteredDevice> {
  const load = new SyntheticLoad({ seed, idleW: 0.03, keepTruth: true });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    const kit = new SimulatedPpk2((bytes) => socket.write(bytes), { load, timer: hostTimer, seed });
    socket.on('data', (bytes) => kit.receive(bytes));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      kit.end();
      sockets.delete(socket);
    });
  });
  let steps = 0;
  const stepping = setInterval(() => load.setLoad(0.05 * (++steps % 4), hostTimer.now()), 41);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    spec: `ppk2:tcp:127.0.0.1:${port},mv=3300`,
    energyJ: (from, to) => load.energyJ(from, to),
    stop: async () => {
      clearInterval(stepping);
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
