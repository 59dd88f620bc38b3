import type { PlanFacts } from '@hilltop/contracts';

/** A stretch of the arena over a stretch of time. */
export interface MemoryRectangle {
  /** What it holds: a tensor of the plan, or the scratch of the op at `from`. */
  readonly what: { readonly tensor: number } | { readonly scratch: number };
  /** Kind of the operator that makes it; `input` for what the host writes. */
  readonly maker: string;
  /** First and last step it is needed in, both included. Step 0: inputs are written; op i is step i + 1; outputs are read in the last one. */
  readonly from: number;
  readonly to: number;
  readonly offset: number;
  readonly bytes: number;
}

export interface MemoryPicture {
  readonly arenaBytes: number;
  readonly steps: number;
  readonly rectangles: readonly MemoryRectangle[];
}

/** The memory plan as rectangles, for whoever draws it: deterministic, in the order in which they are made. */
export function memoryPicture(facts: PlanFacts): MemoryPicture {
  const lives: { tensor: number; maker: string; from: number; to: number; bytes: number; offset: number }[] = [];
  /** Place in the arena -> the life that fills it now. Views of one tensor have one place. */
  const current = new Map<number, (typeof lives)[number]>();
  const begin = (tensor: number, maker: string, step: number): void => {
    const { at, bytes } = facts.tensors[tensor]!;
    const life = { tensor, maker, from: step, to: step, bytes, offset: at };
    lives.push(life);
    current.set(at, life);
  };
  const read = (tensor: number, step: number): void => {
    const { place, at } = facts.tensors[tensor]!;
    const life = place === 'arena' ? current.get(at) : undefined;
    if (life) life.to = step;
  };
  for (const input of facts.inputs) begin(input.tensor, 'input', 0);
  const scratches: MemoryRectangle[] = [];
  facts.ops.forEach((op, i) => {
    const step = i + 1;
    for (const input of op.inputs) read(input, step);
    begin(op.output, op.kind, step);
    const { at: offset, bytes } = op.scratch;
    if (bytes > 0) scratches.push({ what: { scratch: i }, maker: op.kind, from: step, to: step, offset, bytes });
  });
  for (const output of facts.outputs) read(output.tensor, facts.ops.length + 1);
  const tensors = lives.map(({ tensor, ...rest }): MemoryRectangle => ({ what: { tensor }, ...rest }));
  return {
    arenaBytes: facts.arenaBytes,
    steps: facts.ops.length + 2,
    rectangles: [...tensors, ...scratches].sort((a, b) => a.from - b.from || a.offset - b.offset),
  };
}
