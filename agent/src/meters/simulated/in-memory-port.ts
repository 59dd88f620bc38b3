import { LabError } from '@hilltop/contracts';
import { type BytePort, keyText } from '@hilltop/firmware-bridge';

/** Something that takes bytes: a simulated instrument. */
export interface SimulatedInstrument {
  readonly receive: (bytes: Uint8Array) => void;
  /** Its power is off: nothing more comes. */
  readonly end: () => void;
}

export interface PluggedIn<T extends SimulatedInstrument> {
  readonly port: BytePort;
  readonly instrument: T;
  /** Pulls the cable. */
  readonly unplug: () => void;
}

/** A port of this process with an instrument behind it: the same bytes as on a line. */
export function plugIn<T extends SimulatedInstrument>(
  name: string,
  make: (send: (bytes: Uint8Array) => void) => T,
): PluggedIn<T> {
  const data = new Set<(bytes: Uint8Array) => void>();
  const closed = new Set<(reason: LabError | undefined) => void>();
  let ended: { readonly reason: LabError | undefined } | undefined;
  const end = (reason: LabError | undefined): void => {
    if (ended) return;
    ended = { reason };
    instrument.end();
    data.clear();
    for (const listener of [...closed]) listener(reason);
    closed.clear();
  };
  const gone = (): LabError => new LabError('device.unplugged', `${name} is gone; plug it in again`);
  const port: BytePort = {
    identity: { key: keyText(name), name },
    write: async (bytes) => {
      if (ended) throw ended.reason ?? gone();
      instrument.receive(bytes);
    },
    onData: (listener) => {
      data.add(listener);
      return () => data.delete(listener);
    },
    onClose: (listener) => {
      if (ended) {
        const { reason } = ended;
        queueMicrotask(() => listener(reason));
        return () => undefined;
      }
      closed.add(listener);
      return () => closed.delete(listener);
    },
    close: async () => end(undefined),
  };
  const instrument = make((bytes) => {
    if (!ended) for (const listener of [...data]) listener(bytes);
  });
  return { port, instrument, unplug: () => end(gone()) };
}
