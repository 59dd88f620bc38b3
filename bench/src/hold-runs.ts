import type { TestLab } from '../../test/support/lab.js';
import { plain } from '../../test/support/onnx.js';
import { BenchChild } from './child-protocol.js';

export interface HoldRunsOptions {
  /** Where the agents find the lab. */
  readonly url: string;
  readonly devices: number;
  readonly rateHz: number;
  readonly log: (line: string) => void;
}

/** Simulated devices that hold a run each, in two processes; silent until told to `speak`. */
export async function holdRuns(lab: TestLab, { url, devices, rateHz, log }: HoldRunsOptions): Promise<BenchChild[]> {
  const model = await lab.push('paint', { model: plain() });
  const token = await lab.joinToken(devices);
  const children = [BenchChild.start('live-agents'), BenchChild.start('live-agents')];
  const each = devices / children.length;
  const deviceIds: string[] = [];
  for (const [i, child] of children.entries())
    deviceIds.push(...(await child.ask<string[]>('join', { url, token, first: i * each, count: each, rateHz })));
  log(`${deviceIds.length} agents joined`);
  await lab.submit({
    model: model.id,
    recipes: ['fp32'],
    selector: { devices: deviceIds, labels: {} },
    protocol: 'quick',
  });
  await Promise.all(children.map((child) => child.ask('hold')));
  log('each holds a run');
  return children;
}
