import type { LayerProfile } from '@hilltop/contracts';

/** An event of a node: microseconds since the session began. */
interface NodeEvent {
  readonly key: string;
  readonly name: string;
  readonly op: string;
  readonly provider: string | undefined;
  readonly ts: number;
  readonly dur: number;
}

const kernelTime = '_kernel_time';

/**
 * ONNX Runtime's profile (session option `enableProfiling`), line by line -> mean time of each layer over the runs but the first
 * `skipped`. It is a Chrome trace with an event a line: one `Node` event a kernel, whose name ends in `_kernel_time`, and one
 * `Session` event `model_run` at the end of each run. Durations are whole microseconds, cut off. The event of a node with a
 * subgraph (If, Loop, Scan) spans those of the nodes inside: they are taken off it, so that nothing counts twice. Lines that
 * are no such events are passed over. Layers in the order of execution, at most `limit`: the shortest beyond are one, `others`.
 */
export function parseOrtProfile(lines: Iterable<string>, skipped: number, limit: number): LayerProfile[] {
  const layers = new Map<string, { readonly event: NodeEvent; us: number }>();
  let nodes: NodeEvent[] = [];
  let runs = 0;
  for (const line of lines) {
    const event = traceEvent(line);
    if (event === undefined) continue;
    if (event !== 'run') {
      nodes.push(event);
      continue;
    }
    if (runs++ >= skipped)
      for (const { node, us } of ownTimes(nodes)) {
        const layer = layers.get(node.key) ?? { event: node, us: 0 };
        layer.us += us;
        layers.set(node.key, layer);
      }
    nodes = [];
  }
  const inferences = runs - skipped;
  if (inferences < 1) return [];
  return shortened(
    [...layers.values()].map(({ event: { name, op, provider }, us }) => ({
      name,
      op,
      ...(provider !== undefined && { provider }),
      meanMs: us / 1000 / inferences,
      inferences,
    })),
    limit,
  );
}

/** The event on a line: of a node, the end of a run, or none that matters. */
function traceEvent(line: string): NodeEvent | 'run' | undefined {
  const text = line.trim().replace(/,$/, '');
  if (!text.startsWith('{')) return undefined;
  let event: { cat?: unknown; name?: unknown; dur?: unknown; ts?: unknown; args?: Record<string, unknown> };
  try {
    event = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { cat, name, dur, ts, args } = event;
  if (cat === 'Session' && name === 'model_run') return 'run';
  if (cat !== 'Node' || typeof name !== 'string' || !name.endsWith(kernelTime)) return undefined;
  if (typeof dur !== 'number' || typeof ts !== 'number') return undefined;
  const op = typeof args?.op_name === 'string' ? args.op_name.slice(0, 100) : 'unknown';
  const index = String(args?.node_index ?? '');
  const provider = typeof args?.provider === 'string' ? providerName(args.provider) : undefined;
  const own = name.slice(0, -kernelTime.length);
  return { key: `${index} ${op} ${own}`, name: (own || `${op} ${index}`).slice(0, 200), op, provider, ts, dur };
}

/** `CPUExecutionProvider` -> `cpu`. */
function providerName(text: string): string {
  return text
    .replace(/ExecutionProvider$/, '')
    .toLowerCase()
    .slice(0, 60);
}

/** Each node's time without the nodes inside it. Execution is sequential: what overlaps is nested. */
function ownTimes(nodes: readonly NodeEvent[]): Array<{ readonly node: NodeEvent; us: number }> {
  const sorted = [...nodes]
    .sort((a, b) => a.ts - b.ts || b.dur - a.dur)
    .map((node) => ({ node, us: node.dur, end: node.ts + node.dur }));
  const open: typeof sorted = [];
  for (const each of sorted) {
    // Start and duration are cut off, so a kernel never begins before the end of the one before it, but may end after the one around it.
    while (open.length > 0 && open.at(-1)!.end <= each.node.ts) open.pop();
    const around = open.at(-1);
    if (around) around.us = Math.max(0, around.us - each.node.dur);
    open.push(each);
  }
  return sorted;
}

/** At most `limit` layers, in their order: those that take longest, and one for the rest. */
function shortened(layers: readonly LayerProfile[], limit: number): LayerProfile[] {
  if (layers.length <= limit) return [...layers];
  const longest = new Set([...layers].sort((a, b) => b.meanMs - a.meanMs).slice(0, limit - 1));
  const rest = layers.filter((layer) => !longest.has(layer));
  const meanMs = rest.reduce((sum, layer) => sum + layer.meanMs, 0);
  return [
    ...layers.filter((layer) => longest.has(layer)),
    { name: 'others', op: 'others', meanMs, inferences: rest[0]!.inferences },
  ];
}
