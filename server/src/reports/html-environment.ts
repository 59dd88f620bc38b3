import { formatMetric, type Report, type ReportDevice, signalText } from '@hilltop/contracts';
import { type Content, markup } from './markup.js';
import { small, table } from './page.js';
import { counted, instantText } from './words.js';

/** Under what everything was measured, and what the harness itself costs. */
export function environmentSection({ devices, frontiers }: Pick<Report, 'devices' | 'frontiers'>): Content {
  if (devices.length === 0) return undefined;
  const fastest = (device: ReportDevice): number | undefined => fastestOn(device.id, frontiers);
  return markup`<section id="environment"><h2>Environment</h2>
<p class="note">The floor is the null model through the same path: what the harness adds to every latency. A result near it says little.</p>
${table('Devices', devices, [
  { title: 'Device', cell: (device) => [device.name, small(device.emulated ? 'emulated' : device.kind)] },
  {
    title: 'Hardware',
    kind: 'why',
    cell: (device) => [
      device.cpu ?? device.type,
      small([device.os, ...device.kernels].filter(Boolean).join(', ') || undefined),
    ],
  },
  {
    title: 'Software',
    kind: 'why',
    cell: (device) => [
      device.runtimes.join('; ') || '–',
      small(
        [
          ...device.agents.map((version) => `agent ${version}`),
          ...device.powerModes.map((mode) => `power mode ${mode}`),
          ...device.prepared,
        ].join(', ') || undefined,
      ),
    ],
  },
  { title: 'Floor, p50', align: 'right', cell: (device) => floorCell(device, fastest(device)) },
  { title: 'Runs', cell: runsCell },
])}</section>`;
}

function floorCell({ floor }: ReportDevice, fastestMs: number | undefined): Content {
  if (!floor) return 'not measured';
  const times = fastestMs !== undefined && floor.latencyP50Ms > 0 ? fastestMs / floor.latencyP50Ms : undefined;
  return [
    formatMetric('latency_p50_ms', floor.latencyP50Ms),
    small(
      times === undefined ? undefined : `fastest result: ${times < 10 ? times.toFixed(1) : Math.round(times)} times`,
    ),
    small(instantText(floor.measuredAt)),
  ];
}

function runsCell({ runs, disturbedBy }: ReportDevice): Content {
  const text = (['clean', 'disturbed', 'invalid', 'failed'] as const)
    .filter((state) => runs[state] > 0)
    .map((state) => `${runs[state]} ${state}`)
    .join(', ');
  return [
    text || 'none',
    ...disturbedBy.slice(0, 3).map(({ signal, runs: n }) => small(`${signalText(signal)}: ${counted(n, 'run')}`)),
  ];
}

/** The least latency p50 of any point on a device, in ms. */
function fastestOn(deviceId: string, frontiers: Report['frontiers']): number | undefined {
  const values = frontiers
    .filter(({ frontier }) => frontier.device.id === deviceId)
    .flatMap(({ frontier }) => frontier.points.flatMap(({ metrics }) => metrics.latency_p50_ms?.value ?? []));
  return values.length > 0 ? Math.min(...values) : undefined;
}
