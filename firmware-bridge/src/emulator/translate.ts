import { decode, type Instruction, type Place } from './thumb.js';

interface Block {
  readonly start: number;
  readonly instructions: readonly Instruction[];
  /** Where it goes on by itself; undefined: its last instruction leaves. */
  readonly next: number | undefined;
  live: number;
}

/** A piece of a program as one JavaScript function. */
export interface Region {
  /** Cycles that must be left for it to do anything. */
  readonly needs: number;
  /** Addresses of the instructions in it, for finding out that one was overwritten. */
  readonly words: readonly number[];
  /** Of its body, once `compile` has bound it to a chip. */
  readonly source: string;
}

/** Few enough for the engine's optimizer to take the function, enough for a kernel's loops. */
const maxInstructions = 300;
/** A block runs to its end once begun: it must fit between two alarms. */
const maxBlock = 48;
const allFlags = 15;

/**
 * The instructions that `start` leads to by branches within reach, as a loop over a switch of blocks, or undefined when already the first
 * one is the interpreter's. `fetch` gives the half word at an address, undefined where no code can be.
 */
export function translate(start: number, fetch: (address: number) => number | undefined): Region | undefined {
  const blocks = findBlocks(start, fetch);
  if (!blocks) return undefined;
  findLive(blocks);
  const number = new Map(blocks.map((block, i) => [block.start, i]));
  const go = (target: number, from: number): string => {
    const to = number.get(target);
    if (to === undefined) return `pc=${target};break loop;`;
    return to === from + 1 ? '' : `b=${to};continue loop;`;
  };
  const cases = blocks.map((block, i) => blockText(block, i, go));
  const body = cases.join('\n');
  const used = [...new Set(body.match(/\br(?:1[0-4]|[0-9])\b/g) ?? [])];
  const lets = used.map((r) => `${r}=R[${r.slice(1)}]|0`);
  const source = `return function(limit,left){
let ${[...lets, 'n=core.N?-1:0', 'z=core.Z?0:1', 'c=core.C', 'v=core.V?-1:0', 'a=0', 't=0', 'p=0', 'q=0', 'x=0', 'y=0.5', 'b=0', 'pc=0', 'bail=0'].join(',')};
loop:for(;;){switch(b){
${body}
}}
${used.map((r) => `R[${r.slice(1)}]=${r};`).join('')}R[15]=pc;
core.N=n<0;core.Z=z===0;core.C=c;core.V=v<0;clock.cycles=limit-left;return bail;}`;
  const words = blocks.flatMap(({ start: at, instructions }) => addresses(at, instructions));
  return { needs: longest(blocks[0]!), words, source };
}

function addresses(start: number, instructions: readonly Instruction[]): number[] {
  let pc = start;
  return instructions.flatMap(({ bytes }) => {
    const at = pc;
    pc += bytes;
    return bytes === 4 ? [at, at + 2] : [at];
  });
}

/** Most cycles from a block's head to its end. */
function longest({ instructions }: Block): number {
  return instructions.reduce((sum, { cycles, waits }) => sum + cycles + waits, 1);
}

function blockText(block: Block, index: number, go: (target: number, from: number) => string): string {
  let pc = block.start;
  let passed = 0;
  let text = `case ${index}:if(left<${longest(block)}){pc=${block.start};break loop;}`;
  const live = liveAfter(block);
  for (const [i, instruction] of block.instructions.entries()) {
    const behind = passed + instruction.cycles;
    const place: Place = {
      live: live[i]!,
      bail: `{left-=${passed};pc=${pc};bail=1;break loop;}`,
      leave: `{left-=${behind};pc=${pc + instruction.bytes};break loop;}`,
      now: `limit-left+${passed}`,
    };
    text += instruction.text(place);
    passed = behind;
    pc += instruction.bytes;
    const { branch, leaves } = instruction;
    if (leaves) return `${text}left-=${passed};break loop;`;
    if (branch && branch.condition === undefined) return `${text}left-=${passed + 1};${go(branch.target, index)}`;
    if (branch) {
      const taken = go(branch.target, index);
      // The next block by falling through to its case: only what is not taken may do that.
      text += `if(${branch.condition}){left-=${passed + 1};${taken || `b=${index + 1};continue loop;`}}`;
    }
  }
  return `${text}left-=${passed};${go(block.next!, index)}`;
}

/** Basic blocks by address, the first one first: breadth first along branches, cut where code of the interpreter begins. */
function findBlocks(start: number, fetch: (address: number) => number | undefined): Block[] | undefined {
  const heads = new Set([start]);
  const decoded = new Map<number, Instruction>();
  const queue = [start];
  for (let head = queue.shift(); head !== undefined && decoded.size < maxInstructions; head = queue.shift()) {
    for (let pc = head; !decoded.has(pc) && decoded.size < maxInstructions; ) {
      const op = fetch(pc);
      const instruction = op === undefined ? undefined : decode(op, fetch(pc + 2) ?? 0, pc);
      if (!instruction) break;
      decoded.set(pc, instruction);
      pc += instruction.bytes;
      const { branch, leaves } = instruction;
      if (branch && !heads.has(branch.target)) {
        heads.add(branch.target);
        queue.push(branch.target);
      }
      if (leaves || (branch && branch.condition === undefined)) break;
      if (branch) heads.add(pc);
    }
  }
  if (!decoded.has(start)) return undefined;
  const blocks: Block[] = [];
  for (const head of [...heads].filter((pc) => decoded.has(pc)).sort((a, b) => a - b))
    blocks.push(...cut(head, heads, decoded));
  const first = blocks.findIndex((block) => block.start === start);
  return [blocks[first]!, ...blocks.slice(0, first), ...blocks.slice(first + 1)];
}

/** One stretch from a head to the next head or the end, as blocks that are not too long. */
function cut(head: number, heads: ReadonlySet<number>, decoded: ReadonlyMap<number, Instruction>): Block[] {
  const out: Block[] = [];
  let start = head;
  let instructions: Instruction[] = [];
  let pc = head;
  for (;;) {
    const instruction = decoded.get(pc);
    const over = instruction === undefined || (pc !== head && heads.has(pc));
    if (over || instructions.length === maxBlock) {
      if (instructions.length > 0) out.push({ start, instructions, next: pc, live: 0 });
      if (over) return out;
      [start, instructions] = [pc, []];
    }
    instructions.push(instruction!);
    pc += instruction!.bytes;
    if (instruction!.leaves || (instruction!.branch && instruction!.branch.condition === undefined)) {
      out.push({ start, instructions, next: undefined, live: 0 });
      return out;
    }
  }
}

/** Flags that are read from a block's head on before they are set again: backwards until nothing changes. */
function findLive(blocks: readonly Block[]): void {
  const byStart = new Map(blocks.map((block) => [block.start, block]));
  const liveAt = (target: number): number => byStart.get(target)?.live ?? allFlags;
  for (const block of blocks) lookups.set(block, liveAt);
  for (let changed = true; changed; ) {
    changed = false;
    for (const block of [...blocks].reverse()) {
      const first = block.instructions[0]!;
      const live = (liveAfter(block)[0]! & ~first.writes) | first.reads;
      if (live !== block.live) changed = true;
      block.live = live;
    }
  }
}

const lookups = new WeakMap<Block, (target: number) => number>();

/** Live flags behind each instruction of a block. */
function liveAfter(block: Block): number[] {
  const liveAt = lookups.get(block)!;
  let live = block.next === undefined ? allFlags : liveAt(block.next);
  const out: number[] = [];
  for (const instruction of [...block.instructions].reverse()) {
    const { branch } = instruction;
    if (branch) live = branch.condition === undefined ? liveAt(branch.target) : live | liveAt(branch.target);
    out.unshift(live);
    live = (live & ~instruction.writes) | instruction.reads;
  }
  return out;
}
