import { liveBytes, place } from './place.js';

/** Largest tensor: sums of 2^20 of them are still exact. */
const byteLimit = 2 ** 32;
/** Last step there may be. */
const stepLimit = 2 ** 20;

/** A tensor that needs memory from its first step to its last, both included. */
export interface PlannedTensor {
  readonly name: string;
  readonly bytes: number;
  /** Index of the step that makes it. */
  readonly first: number;
  /** Index of the last step that reads it. */
  readonly last: number;
}

/** The step that makes `output` may write it over `input`, which has as many bytes and whose last reader it is. */
export interface InPlacePair {
  readonly input: string;
  readonly output: string;
}

export interface MemoryPlanOptions {
  /** Pairs that do not fit (bytes differ, the input lives on, one of them has its partner already) are passed over. */
  readonly inPlace?: readonly InPlacePair[];
  /** Every offset is a multiple of it. Default 16: what SIMD loads of microcontrollers want. */
  readonly alignment?: number;
}

export interface MemoryPlan {
  /** Where each tensor begins in the arena, by name. Tensors of no bytes begin at 0. */
  readonly offsets: ReadonlyMap<string, number>;
  readonly arenaBytes: number;
  /** What no plan can do without: the most bytes alive in one step, a pair in place counted once, without alignment. */
  readonly lowerBound: number;
  /** Bytes alive at each step, counted likewise. */
  readonly liveBytes: Float64Array;
}

/** Tensors that lie one after the other in the same place. */
interface Slot {
  readonly size: number;
  readonly first: number;
  last: number;
}

/** The pairs a plan uses: each input gives its place to one output at most. */
function slotsOf(tensors: readonly PlannedTensor[], pairs: readonly InPlacePair[]): Map<PlannedTensor, Slot> {
  const byName = new Map(tensors.map((t) => [t.name, t]));
  const successor = new Map<PlannedTensor, PlannedTensor>();
  const taken = new Set<PlannedTensor>();
  for (const pair of pairs) {
    const [input, output] = [byName.get(pair.input), byName.get(pair.output)];
    if (!input || !output || input === output || successor.has(input) || taken.has(output)) continue;
    // An input made by the very step that makes the output is no input of it.
    if (input.bytes !== output.bytes || input.last !== output.first || input.first >= output.first) continue;
    successor.set(input, output);
    taken.add(output);
  }
  const slots = new Map<PlannedTensor, Slot>();
  for (const tensor of tensors) {
    if (taken.has(tensor)) continue;
    const slot: Slot = { size: tensor.bytes, first: tensor.first, last: tensor.last };
    for (let at: PlannedTensor | undefined = tensor; at; at = successor.get(at)) {
      slots.set(at, slot);
      slot.last = at.last;
    }
  }
  return slots;
}

/**
 * Lays tensors out in one arena so that no two that are alive in the same step overlap. Deterministic: the same tensors in the
 * same order give the same plan. Throws RangeError for lifetimes, sizes and alignments that are none, and names given twice.
 */
export function planMemory(
  tensors: readonly PlannedTensor[],
  { inPlace = [], alignment = 16 }: MemoryPlanOptions = {},
): MemoryPlan {
  check(tensors, alignment);
  const slotOf = slotsOf(tensors, inPlace);
  const slots = [...new Set(slotOf.values())];
  const live = liveBytes(slots);
  const sized = slots.filter((slot) => slot.size > 0);
  const { offsets } = place(sized.map((slot) => ({ ...slot, size: Math.ceil(slot.size / alignment) * alignment })));
  const offsetOf = new Map(sized.map((slot, i) => [slot, offsets[i]!]));
  return {
    offsets: new Map(tensors.map((tensor) => [tensor.name, offsetOf.get(slotOf.get(tensor)!) ?? 0])),
    arenaBytes: sized.reduce((end, slot, i) => Math.max(end, offsets[i]! + slot.size), 0),
    lowerBound: live.reduce((most, bytes) => Math.max(most, bytes), 0),
    liveBytes: live,
  };
}

function check(tensors: readonly PlannedTensor[], alignment: number): void {
  if (!Number.isSafeInteger(alignment) || alignment < 1) throw new RangeError(`an alignment of ${alignment} is none`);
  const names = new Set<string>();
  for (const { name, bytes, first, last } of tensors) {
    if (names.has(name)) throw new RangeError(`tensor ${name} is given twice`);
    names.add(name);
    if (!Number.isSafeInteger(bytes) || bytes < 0 || bytes > byteLimit)
      throw new RangeError(`tensor ${name} has ${bytes} bytes`);
    if (!Number.isSafeInteger(first) || !Number.isSafeInteger(last) || first < 0 || last < first || last > stepLimit)
      throw new RangeError(`tensor ${name} lives from step ${first} to step ${last}`);
  }
}
