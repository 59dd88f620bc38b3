import { existsSync, readFileSync } from 'node:fs';

/** What really ran, written by each child outside the system: `start|end deviceId runId fence sha monotonicNs`. */
export interface TruthLine {
  readonly what: 'start' | 'end';
  readonly deviceId: string;
  readonly runId: string;
  readonly fence: number;
  readonly sha256: string;
  readonly ns: bigint;
}

export function readTruth(file: string): TruthLine[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((l) => l !== '')
    .map((line) => {
      const [what, deviceId, runId, fence, sha256, ns] = line.split(' ');
      return {
        what: what as 'start' | 'end',
        deviceId: deviceId!,
        runId: runId!,
        fence: Number(fence),
        sha256: sha256!,
        ns: BigInt(ns!),
      };
    });
}

/** I3: executions of one device never overlap; I4: its fences never fall. A killed child leaves a start without an end. */
export function truthBreaches(lines: readonly TruthLine[]): string[] {
  const breaches: string[] = [];
  for (const deviceId of new Set(lines.map((l) => l.deviceId))) {
    const own = lines.filter((l) => l.deviceId === deviceId).sort((a, b) => (a.ns < b.ns ? -1 : 1));
    let open: TruthLine | undefined;
    let fence = 0;
    for (const line of own) {
      if (line.what === 'end') {
        open = undefined;
        continue;
      }
      // The same run's next block after a kill is another attempt: its fence is higher.
      if (open && open.fence === line.fence && open.runId === line.runId)
        breaches.push(`I3 ${deviceId}: two blocks of ${line.runId} at once`);
      if (line.fence < fence) breaches.push(`I4 ${deviceId}: fence ${line.fence} after ${fence}`);
      fence = Math.max(fence, line.fence);
      open = line;
    }
  }
  return breaches;
}
