import {
  concatInputRecord,
  crc32,
  LabError,
  maxPlanInputs,
  noTensor,
  type PlanRecord,
  planAlignment,
  planHeader,
  planLayouts,
  planMagic,
  planOpRecord,
  planOps,
  planPlaces,
  planTensorRecord,
  planTensorTypes,
  planVersion,
  type RecordValues,
  recordBytes,
  writeRecord,
} from '@hilltop/contracts';
import type { Arena } from './arena.js';
import type { Draft, DraftOp, Operand } from './draft.js';

const align = (n: number, to = planAlignment): number => Math.ceil(n / to) * to;

/** Constants, each kept once. */
class Data {
  private readonly at = new Map<string, number>();
  private readonly parts: { at: number; bytes: Uint8Array }[] = [];
  size = 0;

  place(bytes: Uint8Array): number {
    const key = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
    const known = this.at.get(key);
    if (known !== undefined) return known;
    const at = this.size;
    this.at.set(key, at);
    this.parts.push({ at, bytes });
    this.size = align(at + bytes.length);
    return at;
  }

  write(into: Uint8Array, start: number): void {
    for (const { at, bytes } of this.parts) into.set(bytes, start + at);
  }
}

/** The bytes of a plan, as firmware-bridge/firmware/core/plan.h lays them out: header, tensors, ops, io, parameters, constants. */
export function writePlan(draft: Draft, arena: Arena): Uint8Array {
  const data = new Data();
  const tensors: RecordValues<typeof planTensorRecord>[] = [];
  const known = new Map<string, number>();
  const tensorId = (operand: Operand): number => {
    const { storage, shape, rank, layout, affine } = operand;
    const record: RecordValues<typeof planTensorRecord> = {
      at: storage.data ? data.place(storage.data) : arena.offsetOf(storage),
      bytes: storage.bytes,
      place: planPlaces.indexOf(storage.data ? 'data' : 'arena'),
      type: planTensorTypes.indexOf(storage.type),
      rank,
      layout: planLayouts.indexOf(layout),
      dims: shape,
      scale: affine?.scale ?? 0,
      zero_point: affine?.zero ?? 0,
    };
    // Two tensors in one place are one only where they are one storage: readers follow ids from writer to reader.
    const key = `${storage.data ? '' : storage.name} ${JSON.stringify(record)}`;
    const id = known.get(key);
    if (id !== undefined) return id;
    known.set(key, tensors.length);
    return tensors.push(record) - 1;
  };
  const io = [...draft.inputs, ...draft.outputs].map(tensorId);
  const ops = draft.ops.map((op) => ({
    op,
    inputs: op.inputs.map(tensorId),
    output: tensorId(op.output),
    scalesAt: op.scales ? data.place(new Uint8Array(op.scales.buffer as ArrayBuffer)) : 0,
  }));
  const macs = draft.ops.reduce((sum, op) => sum + op.macs, 0);
  if (tensors.length >= noTensor || ops.length > 0xffff)
    throw new LabError('plan.unsupported', `it has ${tensors.length} tensors and ${ops.length} operators: too many`);

  const tensorsAt = recordBytes(planHeader);
  const opsAt = tensorsAt + tensors.length * recordBytes(planTensorRecord);
  const ioAt = opsAt + ops.length * recordBytes(planOpRecord);
  let paramsEnd = align(ioAt + io.length * 2, 4);
  const paramsAt = ops.map(({ op }) => {
    const at = paramsEnd;
    paramsEnd += paramsBytes(op);
    return paramsBytes(op) === 0 ? 0 : at;
  });
  const dataAt = align(paramsEnd);
  const bytes = new Uint8Array(dataAt + data.size);
  const view = new DataView(bytes.buffer);
  tensors.forEach((t, i) => {
    writeRecord(view, tensorsAt + i * recordBytes(planTensorRecord), planTensorRecord, t);
  });
  ops.forEach(({ op, inputs, output, scalesAt }, i) => {
    writeRecord(view, opsAt + i * recordBytes(planOpRecord), planOpRecord, {
      kind: planOps[op.kind].code,
      input_count: inputs.length,
      output_count: 1,
      reserved: 0,
      inputs: Array.from({ length: maxPlanInputs }, (_, k) => inputs[k] ?? noTensor),
      output,
      reserved2: 0,
      params_at: paramsAt[i]!,
      scratch_at: arena.scratchAt(i),
      scratch_bytes: op.scratch,
      macs: op.macs,
    });
    const found = { scales_at: scalesAt, scale_count: (op.scales?.length ?? 0) / 2, reserved: 0 };
    const record: PlanRecord = planOps[op.kind].params;
    writeRecord(view, paramsAt[i]!, record, { ...found, ...op.params });
    op.pieces?.forEach((piece, k) => {
      writeRecord(
        view,
        paramsAt[i]! + recordBytes(record) + k * recordBytes(concatInputRecord),
        concatInputRecord,
        piece,
      );
    });
  });
  io.forEach((id, i) => {
    view.setUint16(ioAt + i * 2, id, true);
  });
  data.write(bytes, dataAt);
  writeRecord(view, 0, planHeader, {
    magic: planMagic,
    version: planVersion,
    flags: 0,
    bytes: bytes.length,
    crc32: crc32(bytes.subarray(recordBytes(planHeader))),
    arena_bytes: arena.bytes,
    tensor_count: tensors.length,
    op_count: ops.length,
    input_count: draft.inputs.length,
    output_count: draft.outputs.length,
    reserved: 0,
    tensors_at: tensorsAt,
    ops_at: opsAt,
    io_at: ioAt,
    data_at: dataAt,
    macs_low: macs % 2 ** 32,
    macs_high: Math.floor(macs / 2 ** 32),
    reserved2: [0, 0, 0],
  });
  return bytes;
}

function paramsBytes({ kind, inputs }: DraftOp): number {
  return recordBytes(planOps[kind].params) + (kind === 'concat' ? inputs.length * recordBytes(concatInputRecord) : 0);
}
