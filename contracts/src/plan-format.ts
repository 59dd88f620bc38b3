import { crc32 } from './crc32.js';
import type { LabError } from './errors.js';
import { checkPlanOps, corruptPlan } from './plan-checks.js';
import {
  concatInputRecord,
  maxPlanInputs,
  noTensor,
  type PlanOpKind,
  type PlanParams,
  planAlignment,
  planHeader,
  planMagic,
  planOpRecord,
  planOps,
  planTensorRecord,
  planVersion,
  type RecordValues,
  readRecord,
  recordBytes,
} from './plan-layout.js';

export const planTensorTypes = ['int8', 'int32', 'float32'] as const;
export type PlanTensorType = (typeof planTensorTypes)[number];
export const planPlaces = ['arena', 'data'] as const;
/** `rows`: memory in the order of the ONNX shape. `channels-last`: axis 1 of the ONNX shape is moved behind the others, NCHW to NHWC. */
export const planLayouts = ['rows', 'channels-last'] as const;

export interface PlanTensor {
  readonly place: (typeof planPlaces)[number];
  readonly type: PlanTensorType;
  /** Offset in the arena; for constants, from the start of the file. */
  readonly at: number;
  readonly bytes: number;
  /** Axes of the ONNX tensor. */
  readonly rank: number;
  readonly layout: (typeof planLayouts)[number];
  /** Always four, in memory order; in front of the ONNX tensor's own they are 1. */
  readonly dims: readonly number[];
  /** Real value = (q - zeroPoint) x scale; 0 where it has none. */
  readonly scale: number;
  readonly zeroPoint: number;
}

export type PlanOpParams<K extends PlanOpKind> = PlanParams<K> &
  (K extends 'concat' ? { readonly pieces: readonly RecordValues<typeof concatInputRecord>[] } : unknown);

interface PlanOpOf<K extends PlanOpKind> {
  readonly kind: K;
  /** Tensor ids. */
  readonly inputs: readonly number[];
  readonly output: number;
  /** Field names as in plan.h; offsets of constants count from the start of the file's data. */
  readonly params: PlanOpParams<K>;
  /** Memory in the arena for the kernel's own use. */
  readonly scratch: { readonly at: number; readonly bytes: number };
  readonly macs: number;
}
/** One step of a plan, by kind. */
export type PlanOp<K extends PlanOpKind = PlanOpKind> = { [Kind in K]: PlanOpOf<Kind> }[K];

/** An input or output of a plan as the host sees it. */
export interface PlanBorder {
  readonly tensor: number;
  /** Shape of the ONNX tensor, batch 1. */
  readonly dims: readonly number[];
  readonly type: PlanTensorType;
  readonly layout: PlanTensor['layout'];
  readonly scale: number;
  readonly zeroPoint: number;
  readonly bytes: number;
}

export interface PlanFacts {
  readonly version: number;
  /** Size of the file. */
  readonly bytes: number;
  /** RAM for activations and scratch. */
  readonly arenaBytes: number;
  /** What a board stores: the whole file. */
  readonly flashBytes: number;
  /** Multiply-accumulates of one inference, padding not counted. */
  readonly macs: number;
  readonly inputs: readonly PlanBorder[];
  readonly outputs: readonly PlanBorder[];
  readonly tensors: readonly PlanTensor[];
  readonly ops: readonly PlanOp[];
  /** Where constants begin in the file. */
  readonly dataAt: number;
}

const elementBytesOf = { int8: 1, int32: 4, float32: 4 } as const satisfies Record<PlanTensorType, number>;
const kinds = new Map(Object.entries(planOps).map(([kind, { code }]) => [code as number, kind as PlanOpKind]));
const headerBytes = recordBytes(planHeader);

/**
 * Reads a plan and checks every length, offset and id in it, so that what follows may rely on them: shapes fit their bytes and each other,
 * constants lie in the file, activations in the arena, nothing is read before it is written. Throws `artifact.corrupt`.
 */
export function readPlan(bytes: Uint8Array): PlanFacts {
  if (bytes.length < headerBytes) throw corruptPlan(`it has ${bytes.length} bytes, a header has ${headerBytes}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = readRecord(view, 0, planHeader);
  if (header.magic !== planMagic) throw corruptPlan('it does not begin like one');
  if (header.version !== planVersion)
    throw corruptPlan(`its version is ${header.version}, this program knows ${planVersion}`);
  if (header.bytes !== bytes.length) throw corruptPlan(`it has ${bytes.length} bytes, its header says ${header.bytes}`);
  if (header.bytes % planAlignment !== 0 || header.arena_bytes % planAlignment !== 0)
    throw corruptPlan(`its sizes are no multiples of ${planAlignment}`);
  if (header.flags !== 0 || header.reserved !== 0 || header.reserved2.some((v) => v !== 0))
    throw corruptPlan('its header has flags nobody knows');
  if (header.crc32 !== crc32(bytes.subarray(headerBytes))) throw corruptPlan('its checksum is wrong');
  const table = (at: number, count: number, each: number, alignment: number): void => {
    if (at < headerBytes || at % alignment !== 0 || at + count * each > header.data_at)
      throw corruptPlan('a table lies outside');
  };
  if (header.data_at % planAlignment !== 0 || header.data_at < headerBytes || header.data_at > header.bytes)
    throw corruptPlan('its constants lie outside');
  table(header.tensors_at, header.tensor_count, recordBytes(planTensorRecord), 4);
  table(header.ops_at, header.op_count, recordBytes(planOpRecord), 4);
  table(header.io_at, header.input_count + header.output_count, 2, 2);
  const tensors = Array.from({ length: header.tensor_count }, (_, i) => readTensor(view, i, header));
  const ops = Array.from({ length: header.op_count }, (_, i) => readOp(view, i, header, tensors));
  const border = (index: number): PlanBorder => {
    const id = view.getUint16(header.io_at + index * 2, true);
    const tensor = tensors[id];
    if (tensor?.place !== 'arena') throw corruptPlan(`input or output ${index} is no tensor of the arena`);
    const { type, layout, scale, zeroPoint, bytes: size } = tensor;
    if (type === 'int8' && scale === 0) throw corruptPlan(`input or output ${index} has no scale`);
    return { tensor: id, dims: onnxDims(tensor), type, layout, scale, zeroPoint, bytes: size };
  };
  if (header.input_count === 0 || header.output_count === 0) throw corruptPlan('it has no input or no output');
  const inputs = Array.from({ length: header.input_count }, (_, i) => border(i));
  const outputs = Array.from({ length: header.output_count }, (_, i) => border(header.input_count + i));
  const facts: PlanFacts = {
    version: header.version,
    bytes: header.bytes,
    arenaBytes: header.arena_bytes,
    flashBytes: header.bytes,
    macs: header.macs_low + header.macs_high * 2 ** 32,
    inputs,
    outputs,
    tensors,
    ops,
    dataAt: header.data_at,
  };
  checkPlanOps(facts);
  return facts;
}

type Header = RecordValues<typeof planHeader>;

function readTensor(view: DataView, index: number, header: Header): PlanTensor {
  const wrong = (why: string): LabError => corruptPlan(`tensor ${index} ${why}`);
  const raw = readRecord(view, header.tensors_at + index * recordBytes(planTensorRecord), planTensorRecord);
  const [place, type, layout] = [planPlaces[raw.place], planTensorTypes[raw.type], planLayouts[raw.layout]];
  if (!place || !type || !layout || raw.rank > 4) throw wrong('is of a kind nobody knows');
  if (raw.dims.slice(0, 4 - raw.rank).some((d) => d !== 1)) throw wrong('has more axes than it says');
  // Products of sizes below 2^32 are exact up to two factors; more is no plan anyway.
  const elements = raw.dims.reduce((product, d) => Math.min(2 ** 33, product * d), 1);
  if (elements === 0 || elements * elementBytesOf[type] !== raw.bytes)
    throw wrong(`has ${raw.bytes} bytes for a shape of [${raw.dims.join(', ')}]`);
  const limit = place === 'arena' ? header.arena_bytes : header.bytes - header.data_at;
  if (raw.at % 4 !== 0 || raw.at + raw.bytes > limit) throw wrong('lies outside');
  if (!Number.isFinite(raw.scale) || raw.scale < 0) throw wrong('has a scale that is none');
  if (type === 'int8' && (raw.zero_point < -128 || raw.zero_point > 127)) throw wrong('has a zero point outside int8');
  return {
    place,
    type,
    layout,
    at: place === 'arena' ? raw.at : header.data_at + raw.at,
    bytes: raw.bytes,
    rank: raw.rank,
    dims: raw.dims,
    scale: raw.scale,
    zeroPoint: raw.zero_point,
  };
}

function readOp(view: DataView, index: number, header: Header, tensors: readonly PlanTensor[]): PlanOp {
  const wrong = (why: string): LabError => corruptPlan(`operator ${index} ${why}`);
  const raw = readRecord(view, header.ops_at + index * recordBytes(planOpRecord), planOpRecord);
  const kind = kinds.get(raw.kind);
  if (!kind) throw wrong(`is of kind ${raw.kind}, which nobody knows`);
  const [fewest, most] = planOps[kind].inputs;
  if (raw.input_count < fewest || raw.input_count > Math.min(most, maxPlanInputs) || raw.output_count !== 1)
    throw wrong(`(${kind}) has ${raw.input_count} inputs and ${raw.output_count} outputs`);
  if (raw.reserved !== 0 || raw.reserved2 !== 0) throw wrong('has flags nobody knows');
  const inputs = raw.inputs.slice(0, raw.input_count);
  if (inputs.some((id) => !tensors[id]) || raw.inputs.slice(raw.input_count).some((id) => id !== noTensor))
    throw wrong('reads a tensor that is none');
  if (tensors[raw.output]?.place !== 'arena') throw wrong('writes to a tensor that is none');
  if (raw.scratch_at % 4 !== 0 || raw.scratch_at + raw.scratch_bytes > header.arena_bytes)
    throw wrong('has its scratch outside the arena');
  const record = planOps[kind].params;
  const [own, each] = [recordBytes(record), recordBytes(concatInputRecord)];
  const size = own + (kind === 'concat' ? raw.input_count * each : 0);
  if (size === 0 && raw.params_at !== 0) throw wrong('has parameters it does not take');
  if (size > 0 && (raw.params_at < headerBytes || raw.params_at % 4 !== 0 || raw.params_at + size > header.data_at))
    throw wrong('has its parameters outside');
  const pieces = Array.from({ length: raw.input_count }, (_, i) => i);
  const params = {
    ...readRecord(view, raw.params_at, record),
    ...(kind === 'concat' && {
      pieces: pieces.map((i) => readRecord(view, raw.params_at + own + i * each, concatInputRecord)),
    }),
  };
  return {
    kind,
    inputs,
    output: raw.output,
    params,
    scratch: { at: raw.scratch_at, bytes: raw.scratch_bytes },
    macs: raw.macs,
  } as PlanOp;
}

/** Shape of a tensor as ONNX has it. */
function onnxDims({ dims, rank, layout }: PlanTensor): number[] {
  const own = dims.slice(4 - rank);
  if (layout === 'rows' || rank < 3) return own;
  return [own[0]!, own.at(-1)!, ...own.slice(1, -1)];
}
