import { createHash } from 'node:crypto';
import { type CompiledPlan, compilePlan, createHost, type Host } from '@hilltop/compression';
import { mulberry32 } from '@hilltop/contracts';
import { type Board, openSmpBoard } from '@hilltop/firmware-bridge';
import type { TestBoard } from '../../test/support/qemu.js';
import { type KernelShape, kernelModel, kernelShapes } from './kernel-shapes.js';
import { samplePlan } from './sample-plan.js';

/** Timed inferences of each plan in one run. */
const inferences = 4;

/** A plan, and what it is measured with. */
export interface MeasuredPlan {
  readonly name: string;
  readonly plan: Uint8Array;
  readonly input: Uint8Array;
  /** ONNX node and kind of each operator. */
  readonly layers: readonly { readonly node: string; readonly kind: string; readonly macs: number }[];
}

/** What one run of one plan gave: everything in it is the same in every run of the same board. */
export interface PlanCounts {
  readonly plan: string;
  /** Of each inference. */
  readonly ticks: readonly number[];
  /** Of each operator, in one inference more. */
  readonly layerTicks: readonly number[];
  readonly output: string;
}

export interface BoardCounts {
  readonly cpu: string;
  readonly hz: number;
  readonly plans: readonly PlanCounts[];
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Plans of the single layers and, last, of the sample model in int8. */
export async function measuredPlans(): Promise<readonly MeasuredPlan[]> {
  const host = createHost();
  try {
    const plans: MeasuredPlan[] = [];
    for (const shape of kernelShapes) plans.push(await layerPlan(shape, host));
    plans.push(measured('sample', await samplePlan('fashion-resnet-micro', host)));
    return plans;
  } finally {
    await host.close();
  }
}

async function layerPlan(shape: KernelShape, host: Host): Promise<MeasuredPlan> {
  const made = measured(shape.name, await compilePlan(kernelModel(shape), { host }));
  const kinds = made.layers.map(({ kind }) => kind);
  // Anything more than the layer itself would be counted as the layer.
  if (kinds.length !== 1 || kinds[0] !== shape.kind) throw new Error(`${shape.title} was compiled to ${kinds}`);
  return made;
}

function measured(name: string, { plan, facts, layers }: CompiledPlan): MeasuredPlan {
  const random = mulberry32(5);
  const input = Uint8Array.from({ length: facts.inputs[0]!.bytes }, () => random() * 256);
  return { name, plan, input, layers };
}

/** Switches a board on, runs every plan on it and switches it off. */
export async function countOn(start: () => Promise<TestBoard>, plans: readonly MeasuredPlan[]): Promise<BoardCounts> {
  const machine = await start();
  try {
    const port = await machine.open();
    try {
      const board = await openSmpBoard(port);
      const { cpu, hz } = await board.info();
      const counts: PlanCounts[] = [];
      for (const plan of plans) counts.push(await countPlan(board, plan));
      return { cpu, hz, plans: counts };
    } finally {
      await port.close();
    }
  } finally {
    await machine.stop();
  }
}

async function countPlan(board: Board, { name, plan, input }: MeasuredPlan): Promise<PlanCounts> {
  await board.upload(plan);
  await board.load(sha256(plan));
  const { output, ticks } = await board.runItem(input);
  const more = await board.infer({ inferences: inferences - 1 });
  const layers = await board.layers();
  return {
    plan: name,
    ticks: [ticks, ...more],
    layerTicks: layers.map((layer) => layer.ticks),
    output: sha256(output),
  };
}
