import { crc32 } from 'node:zlib';
import {
  LabError,
  modelCommands,
  modelGroup,
  noTensor,
  planHeader,
  planMagic,
  planOpRecord,
  planOps,
  planTensorRecord,
  planVersion,
  recordBytes,
  writeRecord,
} from '@hilltop/contracts';
import {
  type BytePort,
  openSmpBoard,
  type SimulatedBoardOptions,
  SimulatedSmpBoard,
  type SmpBoardOptions,
} from '@hilltop/firmware-bridge';
import { decode } from 'cborg';
import { type OpenedBoard, openedBoard } from '../boards/opened-board.js';

/** A plan that copies `n` int8 values: real value = (q - 0) x scale. */
export function copyPlan(n = 10, scale = 0.5): Uint8Array {
  const [tensorsAt, opsAt] = [64, 64 + 2 * 36];
  const ioAt = opsAt + 36;
  const dataAt = Math.ceil((ioAt + 4) / 16) * 16;
  const bytes = new Uint8Array(dataAt);
  const view = new DataView(bytes.buffer);
  const room = Math.ceil(n / 16) * 16;
  for (const i of [0, 1])
    writeRecord(view, tensorsAt + i * recordBytes(planTensorRecord), planTensorRecord, {
      at: i * room,
      bytes: n,
      place: 0,
      type: 0,
      rank: 2,
      layout: 0,
      dims: [1, 1, 1, n],
      scale,
      zero_point: 0,
    });
  writeRecord(view, opsAt, planOpRecord, {
    kind: planOps.copy.code,
    input_count: 1,
    output_count: 1,
    reserved: 0,
    inputs: [0, noTensor, noTensor, noTensor, noTensor, noTensor],
    output: 1,
    reserved2: 0,
    params_at: 0,
    scratch_at: 0,
    scratch_bytes: 0,
    macs: 0,
  });
  view.setUint16(ioAt, 0, true);
  view.setUint16(ioAt + 2, 1, true);
  writeRecord(view, 0, planHeader, {
    magic: planMagic,
    version: planVersion,
    flags: 0,
    bytes: bytes.length,
    crc32: 0,
    arena_bytes: 2 * room,
    tensor_count: 2,
    op_count: 1,
    input_count: 1,
    output_count: 1,
    reserved: 0,
    tensors_at: tensorsAt,
    ops_at: opsAt,
    io_at: ioAt,
    data_at: dataAt,
    macs_low: 1000,
    macs_high: 0,
    reserved2: [0, 0, 0],
  });
  view.setUint32(12, crc32(bytes.subarray(64)), true);
  return bytes;
}

export interface FakeBoardOptions extends SimulatedBoardOptions {
  readonly key?: string;
  /** What it says of itself that differs. */
  readonly says?: Record<string, unknown>;
  readonly client?: SmpBoardOptions;
}

/**
 * A board on a line that can be pulled: the bridge's simulated firmware behind the bytes of the real protocol. Opening it again after it was
 * closed finds the same board; `unplug` and `plug` do what hands do.
 */
export class FakeBoard {
  readonly firmware: SimulatedSmpBoard;
  plugged = true;
  opened = 0;
  /** Decides about each request: undefined lets the firmware answer. */
  onRequest: (command: number, fields: Record<string, unknown>) => 'swallow' | object | undefined = () => undefined;
  private readonly data = new Set<(bytes: Uint8Array) => void>();
  private readonly closed = new Set<(reason: LabError | undefined) => void>();

  constructor(private readonly options: FakeBoardOptions = {}) {
    this.firmware = new SimulatedSmpBoard(
      { arenaBytes: 32, inputBytes: 10, outputBytes: 10, layers: 1, ...options },
      // As on a line: never in the middle of what is being sent.
      (bytes) =>
        void setImmediate(() => {
          for (const listener of [...this.data]) listener(bytes);
        }),
    );
    this.firmware.fault = (request, answer) => {
      const own = request.group === modelGroup;
      const decided = own
        ? this.onRequest(request.command, decode(request.payload) as Record<string, unknown>)
        : undefined;
      if (decided === 'swallow') return undefined;
      if (decided) return this.firmware.frame(request, decided);
      const bytes = answer();
      return own && request.command === modelCommands.info ? this.firmware.frame(request, this.info()) : bytes;
    };
  }

  private info(): object {
    const loaded = (this.firmware as unknown as { loaded?: Uint8Array }).loaded;
    return {
      v: 1,
      board: 'Test board',
      fw: '1.0.0',
      cpu: 'Cortex-M4',
      hz: 1_000_000,
      ticks: 'dwt',
      ram: this.options.ramBytes ?? 200 * 1024,
      buf: 1024,
      stack: 640,
      boot: this.firmware.bootCount,
      ...(loaded && { plan: loaded }),
      ...this.options.says,
    };
  }

  get identity() {
    const key = this.options.key ?? 'test-board';
    return { key, name: `/dev/${key}` };
  }

  unplug(): void {
    this.plugged = false;
    this.hangUp(new LabError('device.unplugged', 'test-board is gone', { cause: 'infrastructure' }));
  }

  plug(): void {
    this.firmware.reboot();
    this.plugged = true;
  }

  private hangUp(reason: LabError | undefined): void {
    const listeners = [...this.closed];
    this.closed.clear();
    this.data.clear();
    for (const listener of listeners) listener(reason);
  }

  private port(): BytePort {
    return {
      identity: this.identity,
      write: async (bytes) => {
        if (!this.plugged) throw new LabError('device.unplugged', 'test-board is gone', { cause: 'infrastructure' });
        this.firmware.receive(bytes);
      },
      onData: (listener) => {
        this.data.add(listener);
        return () => this.data.delete(listener);
      },
      onClose: (listener) => {
        this.closed.add(listener);
        return () => this.closed.delete(listener);
      },
      close: async () => this.hangUp(undefined),
    };
  }

  /** As `openBoard` opens it. */
  async open(): Promise<OpenedBoard> {
    if (!this.plugged) throw new LabError('device.offline', 'test-board is not there');
    this.opened++;
    const port = this.port();
    const board = await openSmpBoard(port, { timeoutMs: 150, attempts: 2, ...this.options.client }).catch(
      async (error) => {
        await port.close();
        throw error;
      },
    );
    return openedBoard(board);
  }
}
