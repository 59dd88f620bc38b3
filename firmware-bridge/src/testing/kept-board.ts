import { SimulatedSmpBoard } from '../simulated/simulated-smp-board.js';
import { virtualTimer } from '../simulated/virtual-timer.js';
import { SmpClient } from '../smp/smp-client.js';
import { type Way, wire } from './wire.js';

/** A board that keeps its state while ports come and go; `plug` gives a client at a new port. */
export function keptBoard(options: ConstructorParameters<typeof SimulatedSmpBoard>[0] = {}) {
  let send: (bytes: Uint8Array) => void = () => undefined;
  const peer = new SimulatedSmpBoard(options, (bytes) => send(bytes));
  const plug = (ways: { readonly out?: Way; readonly back?: Way } = {}) => {
    const wired = wire((to) => {
      send = to;
      return peer;
    }, ways);
    return { ...wired, client: new SmpClient(wired.port, { timer: virtualTimer() }) };
  };
  return { peer, plug };
}
