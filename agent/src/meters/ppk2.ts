import { LabError, type Sensor } from '@hilltop/contracts';
import type { BytePort, Timer } from '@hilltop/firmware-bridge';
import { hostTimer, pauseOn } from './host-clock.js';
import type { OpenedMeter } from './opened-meter.js';
import {
  type Ppk2Metadata,
  type Ppk2Mode,
  parsePpk2Metadata,
  ppk2Amperes,
  ppk2Modes,
  ppk2Opcode,
  ppk2SamplesPerSecond,
  ppk2VoltageBytes,
} from './ppk2-format.js';
import { Ppk2Stream } from './ppk2-stream.js';
import { SampleFeed } from './sample-feed.js';

export interface Ppk2Options {
  /** Of the supply. Absent: as the kit is set; in ampere mode a person has to say it. */
  readonly millivolts?: number;
  /** Absent: as the kit is set, else `source`. */
  readonly mode?: Ppk2Mode;
  readonly simulated?: boolean;
  readonly timer?: Timer;
}

const patience = { attempts: 3, answerMs: 1000, drainMs: 60 } as const;
const periodMs = 1000 / ppk2SamplesPerSecond;

/**
 * A Power Profiler Kit II at an open port: asked who it is, set to its mode and voltage, and the device's supply switched on; there it
 * stays when the agent ends, for the device may be in use. Throws `device.no-answer`, `device.protocol`, `request.invalid`; the port is closed then.
 */
export async function openPpk2(port: BytePort, options: Ppk2Options = {}): Promise<OpenedMeter> {
  const timer = options.timer ?? hostTimer;
  try {
    const metadata = await askMetadata(port, timer);
    const mode = options.mode ?? metadata.mode ?? 'source';
    const millivolts = options.millivolts ?? (mode === 'source' ? metadata.millivolts : undefined);
    if (millivolts === undefined)
      throw new LabError(
        'request.invalid',
        `${port.identity.name}: say the voltage of the supply, such as mv=3300: ${mode === 'ampere' ? 'a PPK2 that is not the source does not know it' : 'the PPK2 does not tell what it is set to'}`,
      );
    await port.write(Uint8Array.of(ppk2Opcode.mode, ppk2Modes[mode]));
    if (mode === 'source') await port.write(Uint8Array.of(ppk2Opcode.voltage, ...ppk2VoltageBytes(millivolts)));
    await port.write(Uint8Array.of(ppk2Opcode.power, 1));
    return ppk2Meter(port, { metadata, mode, millivolts, timer, simulated: options.simulated === true });
  } catch (error) {
    await port.close();
    throw error;
  }
}

interface Setting {
  readonly metadata: Ppk2Metadata;
  readonly mode: Ppk2Mode;
  readonly millivolts: number;
  readonly timer: Timer;
  readonly simulated: boolean;
}

function ppk2Meter(port: BytePort, { metadata, mode, millivolts, timer, simulated }: Setting): OpenedMeter {
  const volts = millivolts / 1000;
  let end: (() => void) | undefined;
  let feed: SampleFeed | undefined;
  const stop = async (): Promise<void> => {
    if (!end) return;
    await feed?.tail();
    end();
    end = undefined;
    // One that is gone has stopped.
    await port.write(Uint8Array.of(ppk2Opcode.stop)).catch(() => undefined);
    // What is under way would count as the first samples of the next start.
    await drain(port, timer);
  };
  return {
    sensors: [ppk2Sensor(port.identity.key, { metadata, mode, millivolts, simulated })],
    start: async (listener) => {
      await stop();
      const own = new SampleFeed(listener, periodMs, timer, port.identity.name);
      const stream = new Ppk2Stream(metadata.calibration, volts, {
        onBin: ({ first, end, mean, min, max }) => own.power(first, end, mean * volts, min * volts, max * volts),
        onLost: (samples) => own.missing(samples),
        onOverRange: () => own.fault('meter.over-range', 'more than 1 A'),
      });
      feed = own;
      const stopData = port.onData((bytes) => {
        stream.push(bytes);
        own.arrived(stream.index);
      });
      const stopClose = port.onClose((reason) => own.gone(reason));
      end = () => {
        stopData();
        stopClose();
      };
      await port.write(Uint8Array.of(ppk2Opcode.start));
      if (!metadata.calibrated) own.fault('meter.not-calibrated', 'its shunts are taken as nominal');
      await own.first();
    },
    stop,
    close: async () => {
      await stop();
      await port.close();
    },
    onClose: port.onClose,
    clockMs: () => feed?.clock.uncertaintyMs ?? 0,
  };
}

/** Half of the limit that Nordic states, as a rectangle's standard deviation; a calibrated kit is mostly far better, but nobody says by how much. */
const gain = 0.2 / Math.sqrt(3);

function ppk2Sensor(key: string, { metadata, mode, millivolts, simulated }: Omit<Setting, 'timer'>): Sensor {
  const volts = millivolts / 1000;
  const { calibrated, calibration } = metadata;
  return {
    id: `ppk2/${key}`,
    driver: 'ppk2',
    quantity: 'power',
    scope: 'dut-vdd',
    label: `${mode}, ${millivolts} mV`,
    kind: 'averaged',
    total: true,
    // Of its lowest range; its highest has a thousand times that.
    resolution: (ppk2Amperes(calibration, 0, 1, volts) - ppk2Amperes(calibration, 0, 0, volts)) * volts,
    updateMs: 1,
    uncertainty: simulated
      ? { gain: 0.001, offset: 0, source: 'a simulator: what its converter rounds' }
      : {
          gain,
          // 0.2 uA at 5 V, the smallest current it is specified for.
          offset: 1e-6,
          source: calibrated
            ? 'Nordic: better than 20 %, as limits of a rectangle'
            : 'Nordic: better than 20 % when calibrated, and this kit holds no calibration',
        },
    ...(simulated && { simulated: true }),
  };
}

/** Stops what may be running and asks who is there: two serial functions may be in one kit, and only one of them answers. */
async function askMetadata(port: BytePort, timer: Timer): Promise<Ppk2Metadata> {
  for (let attempt = 0; attempt < patience.attempts; attempt++) {
    await port.write(Uint8Array.of(ppk2Opcode.stop));
    await drain(port, timer);
    const text = await answer(port, timer);
    if (text !== undefined) return parsePpk2Metadata(text);
  }
  throw new LabError(
    'device.no-answer',
    `no PPK2 answers at ${port.identity.name}; if it has two ports, name the other one`,
  );
}

/** Throws away samples that were under way. */
async function drain(port: BytePort, timer: Timer): Promise<void> {
  const stop = port.onData(() => undefined);
  await pauseOn(timer, patience.drainMs);
  stop();
}

function answer(port: BytePort, timer: Timer): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    let text = '';
    const finish = (result: string | undefined): void => {
      cancel();
      stop();
      stopClose();
      resolve(result);
    };
    const cancel = timer.after(patience.answerMs, () => finish(undefined));
    const stop = port.onData((bytes) => {
      text += Buffer.from(bytes).toString('latin1');
      // The newest 8 KiB: samples that do not end are no answer.
      text = text.slice(-8192);
      if (/^END\b/m.test(text)) finish(text);
    });
    const stopClose = port.onClose((reason) => {
      cancel();
      stop();
      reject(reason ?? new LabError('device.offline', `${port.identity.name} was closed`));
    });
    port.write(Uint8Array.of(ppk2Opcode.metadata)).catch(reject);
  });
}
