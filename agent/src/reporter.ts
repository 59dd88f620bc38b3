/** What the agent tells the person or program that started it; `--json` prints exactly these objects. */
export type AgentReport =
  | { readonly event: 'joined'; readonly agentId: string; readonly labId: string; readonly url: string }
  | { readonly event: 'waiting'; readonly reason: string }
  | { readonly event: 'connected'; readonly url: string }
  | { readonly event: 'disconnected'; readonly retryMs: number; readonly reason: string }
  | { readonly event: 'rejected'; readonly code: 'link.rejected'; readonly retryMs: number; readonly reason: string }
  | { readonly event: 'refused'; readonly code: string; readonly message: string }
  | {
      readonly event: 'device';
      readonly key: string;
      readonly name: string;
      readonly type: string;
      readonly deviceId?: string;
    }
  /** A board that was named is not there, or does not answer, at the start. */
  | { readonly event: 'board.missing'; readonly port: string; readonly reason: string }
  | { readonly event: 'meter.missing'; readonly meter: string; readonly reason: string }
  | { readonly event: 'runtime.missing'; readonly runtime: string; readonly reason: string }
  | { readonly event: 'device.gone'; readonly key: string; readonly name: string }
  | { readonly event: 'run.started'; readonly runId: string; readonly attempt: number }
  | {
      readonly event: 'run.ended';
      readonly runId: string;
      readonly outcome: string;
      readonly code?: string;
      readonly message?: string;
    }
  | { readonly event: 'degraded'; readonly reason: string }
  | { readonly event: 'stopped' };

export type Reporter = (report: AgentReport) => void;

/** One line a report: JSON for programs, a short sentence for people. */
export function lineReporter(json: boolean, write: (line: string) => void): Reporter {
  return (report) => write(`${json ? JSON.stringify(report) : sentence(report)}\n`);
}

function sentence(report: AgentReport): string {
  switch (report.event) {
    case 'joined':
      return `Joined the lab at ${report.url} as ${report.agentId}.`;
    case 'waiting':
      return `Not joined yet: ${report.reason}. Trying again.`;
    case 'connected':
      return `Connected to ${report.url}.`;
    case 'disconnected':
      return `The link is down (${report.reason}); next try in ${(report.retryMs / 1000).toFixed(1)} s.`;
    case 'rejected':
      return `The lab does not let this agent in (${report.reason}); next try in ${report.retryMs / 1000} s. If it was revoked, join again with a new token and an empty data directory.`;
    case 'refused':
      return `The lab turned this agent away: ${report.message}`;
    case 'device':
      return `Serving ${report.name} (${report.type})${report.deviceId ? ` as ${report.deviceId}` : ''}.`;
    case 'board.missing':
      return `No board yet: ${report.reason}. Looking for it until it is there.`;
    case 'meter.missing':
      return `No meter ${report.meter}: ${report.reason}. Runs go on without energy; it is tried again.`;
    case 'runtime.missing':
      return `No runtime ${report.runtime}: ${report.reason}. Runs that ask for it fail.`;
    case 'device.gone':
      return `${report.name} went away; it is served again when it is back.`;
    case 'run.started':
      return `Run ${report.runId} started (attempt ${report.attempt}).`;
    case 'run.ended':
      return `Run ${report.runId} ${report.outcome}${report.message ? `: ${report.message}` : ''}.`;
    case 'degraded':
      return `Attention: ${report.reason}.`;
    case 'stopped':
      return 'Stopped.';
  }
}
