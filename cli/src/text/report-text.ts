import type { Report } from '@hilltop/contracts';
import { frontierText } from './frontier-text.js';
import { gateText } from './gate-text.js';
import { plain, type Style } from './style.js';
import { sweepText } from './sweep-text.js';

/** A report for people: what changed first, then the sweep with its newest trials, then the frontiers of its runs. */
export function reportText(report: Report, style: Style = plain): string {
  const { gate, sweep, trials, createdAt } = report;
  return [
    gate && gateText(gate, style),
    sweep && sweepText(sweep, trials, style, Date.parse(createdAt)),
    ...frontiersOf(report).map((frontier) => frontierText(frontier, { style })),
  ]
    .filter((part) => part !== undefined)
    .join('\n');
}

/** One for each model, with all its devices. */
function frontiersOf({ frontiers }: Report): Array<Parameters<typeof frontierText>[0]> {
  const models = [...new Set(frontiers.map(({ modelId }) => modelId))];
  return models.map((model) => {
    const own = frontiers.filter(({ modelId }) => modelId === model);
    const { modelName, protocol, objectives } = own[0]!;
    return { model, modelName, protocol, objectives, devices: own.map(({ frontier }) => frontier) };
  });
}
