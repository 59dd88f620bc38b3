/** A block of memory needed from one step to another, both included. Its size is not 0. */
export interface Block {
  readonly size: number;
  readonly first: number;
  readonly last: number;
}

export interface Placement {
  /** Of each block, in the order given. */
  readonly offsets: Float64Array;
  readonly size: number;
}

/** Comparisons of two blocks that all attempts may take together: some tenths of a second. */
const workLimit = 3e7;
/** What one entry of a list of neighbours costs, in comparisons: it is filtered and sorted. */
const listCost = 16;
/** Steps of the search by small changes. */
const roundLimit = 2000;

/**
 * Offsets for blocks, none of which overlaps another in both time and space. Each attempt takes the blocks in some order and puts
 * each at the lowest offset that is free over its life (Pisarchyk and Lee, "Efficient Memory Management for Deep Neural Net
 * Inference", 2020; TensorFlow Lite Micro takes the largest first). The best attempt wins; where none of the orders reaches the
 * lower bound, small changes of the best order are tried.
 */
export function place(blocks: readonly Block[]): Placement {
  const space = new Space(blocks);
  let best: Attempt = { order: new Uint32Array(0), offsets: new Float64Array(0), size: 0 };
  if (blocks.length === 0) return best;
  best = { ...best, size: Number.POSITIVE_INFINITY };
  for (const order of orders(blocks, space.live)) {
    const attempt = space.fill(order);
    if (attempt.size < best.size) best = attempt;
    if (best.size === space.bound || space.work > workLimit) return best;
  }
  return improved(best, space);
}

interface Attempt extends Placement {
  readonly order: Uint32Array;
}

/** Orders that are good for one graph or another, the best for most first. */
function* orders(blocks: readonly Block[], live: Float64Array): Generator<Uint32Array> {
  const sorted = (...keys: Float64Array[]): Uint32Array =>
    Uint32Array.from(blocks.keys()).sort((a, b) => {
      for (const key of keys) if (key[a] !== key[b]) return key[b]! - key[a]!;
      return a - b;
    });
  const key = (of: (block: Block) => number): Float64Array => Float64Array.from(blocks, of);
  const size = key((b) => b.size);
  const early = key((b) => -b.first);
  yield sorted(size, early);
  const duration = key((b) => b.last - b.first);
  yield sorted(size, duration);
  yield sorted(key((b) => b.size * (b.last - b.first + 1)));
  yield sorted(duration, size);
  // Greedy by breadth: the fullest step of all is served first.
  const fullest = key(({ first, last }) => {
    let most = 0;
    for (let step = first; step <= last; step++) most = Math.max(most, live[step]!);
    return most;
  });
  yield sorted(fullest, size);
  yield sorted(fullest, duration);
  yield sorted(early);
  yield sorted(key((b) => b.last));
}

/** Where blocks are put; counts the comparisons it makes. */
class Space {
  work = 0;
  /** Bytes alive at each step. */
  readonly live: Float64Array;
  readonly bound: number;
  private readonly size: Float64Array;
  private readonly first: Float64Array;
  private readonly last: Float64Array;
  /** The blocks each block meets in time; absent where that would be too many. */
  private readonly neighbours?: readonly Uint32Array[];

  constructor(blocks: readonly Block[]) {
    this.size = Float64Array.from(blocks, (b) => b.size);
    this.first = Float64Array.from(blocks, (b) => b.first);
    this.last = Float64Array.from(blocks, (b) => b.last);
    this.live = liveBytes(blocks);
    this.bound = this.live.reduce((most, bytes) => Math.max(most, bytes), 0);
    const found = neighboursOf(blocks);
    if (found) this.neighbours = found;
  }

  /** Whether two blocks are alive in one step. */
  meet(a: number, b: number): boolean {
    return this.first[a]! <= this.last[b]! && this.first[b]! <= this.last[a]!;
  }

  fill(order: Uint32Array): Attempt {
    const { size, first, last, neighbours } = this;
    const offsets = new Float64Array(order.length).fill(-1);
    // Where lives meet too often for lists of neighbours: the blocks that lie already, from the lowest offset up.
    const lying = new Uint32Array(neighbours ? 0 : order.length);
    let top = 0;
    for (let count = 0; count < order.length; count++) {
      const block = order[count]!;
      const [bytes, from, to] = [size[block]!, first[block]!, last[block]!];
      const others = neighbours
        ? neighbours[block]!.filter((other) => offsets[other]! >= 0).sort((a, b) => offsets[a]! - offsets[b]!)
        : lying.subarray(0, count);
      let at = 0;
      for (const other of others) {
        if (first[other]! > to || last[other]! < from) continue;
        if (offsets[other]! - at >= bytes) break;
        const end = offsets[other]! + size[other]!;
        if (end > at) at = end;
      }
      offsets[block] = at;
      top = Math.max(top, at + bytes);
      this.work += 1 + (neighbours ? neighbours[block]!.length * listCost : count);
      if (neighbours) continue;
      let slot = count;
      while (slot > 0 && offsets[lying[slot - 1]!]! > at) slot--;
      lying.copyWithin(slot + 1, slot, count);
      lying[slot] = block;
    }
    return { order, offsets, size: top };
  }

  /** Blocks that end at the top of an attempt. */
  tops({ offsets, size }: Attempt): number[] {
    return [...offsets.keys()].filter((block) => offsets[block]! + this.size[block]! === size);
  }
}

/** For each block those it meets in time; undefined where these are so many that going through all blocks is faster. */
function neighboursOf(blocks: readonly Block[]): Uint32Array[] | undefined {
  const lists: number[][] = blocks.map(() => []);
  const byStart = [...blocks.keys()].sort((a, b) => blocks[a]!.first - blocks[b]!.first);
  let alive: number[] = [];
  let meetings = 0;
  const most = blocks.length ** 2 / (4 * listCost);
  for (const block of byStart) {
    alive = alive.filter((other) => blocks[other]!.last >= blocks[block]!.first);
    meetings += alive.length;
    if (meetings > most) return undefined;
    for (const other of alive) {
      lists[block]!.push(other);
      lists[other]!.push(block);
    }
    alive.push(block);
  }
  return lists.map((list) => Uint32Array.from(list));
}

/** Bytes alive at each step: differences at the ends of each life, summed up. */
export function liveBytes(blocks: Iterable<Block>): Float64Array<ArrayBuffer> {
  const list = [...blocks];
  const steps = list.reduce((most, b) => Math.max(most, b.last + 1), 0);
  const live = new Float64Array(steps + 1);
  for (const { size, first, last } of list) {
    live[first] = live[first]! + size;
    live[last + 1] = live[last + 1]! - size;
  }
  for (let i = 1; i < live.length; i++) live[i] = live[i]! + live[i - 1]!;
  return live.slice(0, steps);
}

/**
 * Hill climbing over orders: a block at the top goes before one that lies in its way. Changes that make nothing worse are kept, so
 * that it gets across plateaus; what to try next comes from a generator with a fixed start, so that plans repeat.
 */
function improved(start: Attempt, space: Space): Attempt {
  let best = start;
  let state = 1;
  const random = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return Math.floor(((state >>> 8) / 2 ** 24) * below);
  };
  for (let round = 0; round < roundLimit && best.size > space.bound && space.work < workLimit; round++) {
    const tops = space.tops(best);
    const block = tops[random(tops.length)]!;
    const from = best.order.indexOf(block);
    const rivals = [...best.order.subarray(0, from).keys()].filter((at) => space.meet(best.order[at]!, block));
    if (rivals.length === 0) continue;
    const to = rivals[random(rivals.length)]!;
    const order = best.order.slice();
    order.copyWithin(to + 1, to, from);
    order[to] = block;
    const attempt = space.fill(order);
    if (attempt.size <= best.size) best = attempt;
  }
  return best;
}
