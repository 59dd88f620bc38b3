import { type Guide, type GuideEntry, objectiveOf, techniquesOf } from '@hilltop/contracts';
import { sampleReport } from '../../reports/testing/sample-report.js';

const passes = {
  fp32: [],
  optimized: ['optimize'],
  'int8-static': ['optimize', 'quantize-static'],
  'int8-equalized': ['optimize', 'equalize', 'quantize-static'],
  'prune-channels-25': ['optimize', 'prune-channels'],
  'prune-channels-25+int8': ['optimize', 'prune-channels', 'quantize-static'],
  'prune-channels-50': ['optimize', 'prune-channels'],
  'prune-channels-50+int8': ['optimize', 'prune-channels', 'quantize-static'],
  'int8-tensor': ['optimize', 'equalize', 'quantize-static'],
} as const;

/** The night of the sample report as a guide. */
export function sampleGuide(): Guide {
  const { frontiers, lab, createdAt } = sampleReport();
  return {
    model: { id: 'mod_00000001', name: 'fashion-resnet', bytes: 926_000, parameters: 229_634, quality: 'accuracy' },
    protocol: 'standard',
    objectives: [objectiveOf('latency_p50_ms'), objectiveOf('accuracy')],
    lab,
    createdAt,
    metrics: ['latency_p50_ms', 'size_bytes', 'memory_peak_bytes', 'energy_mj', 'accuracy'],
    devices: frontiers.map(({ frontier }) => {
      const fp32 = frontier.points.find(({ recipe }) => recipe === 'fp32')!;
      return {
        device: frontier.device,
        ...(frontier.hypervolume !== undefined && { hypervolume: frontier.hypervolume }),
        entries: frontier.points.map((point): GuideEntry => {
          const ratio = (metric: 'latency_p50_ms' | 'size_bytes'): number =>
            point.metrics[metric]!.value / fp32.metrics[metric]!.value;
          const latency = ratio('latency_p50_ms');
          const points = point.metrics.accuracy!.value - fp32.metrics.accuracy!.value;
          return {
            variant: point.variant,
            recipe: point.recipe,
            settings: point.settings,
            techniques: techniquesOf(passes[point.recipe as keyof typeof passes]),
            runId: point.runs[0]!,
            verdict: point.verdict,
            status: point.status,
            probability: point.probability,
            metrics: point.metrics,
            against: {
              latency_p50_ms: { scale: 'ratio', change: latency, low: latency * 0.97, high: latency * 1.03 },
              size_bytes: { scale: 'ratio', change: ratio('size_bytes') },
              accuracy: { scale: 'difference', change: points, low: points - 0.004, high: points + 0.004 },
            },
          };
        }),
        advice: [
          {
            prefer: 'latency_p50_ms',
            tone: 'sure',
            name: 'int8-static',
            reason: 'fastest within 0.5 points of fp32: 7.90 ms',
          },
          { prefer: 'size_bytes', tone: 'open', reason: 'not sure yet: int8-equalized may be better' },
        ],
        gaps: [{ kind: 'metric', text: 'energy per inference: no sensor here says what the device takes' }],
      };
    }),
  };
}
