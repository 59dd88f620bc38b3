import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pino from 'pino';
import { type AgentPorts, runAgent } from '../agent.js';
import { parseAgentArgs } from '../config.js';
import type { AgentReport } from '../reporter.js';
import type { FakeLab } from './fake-lab.js';

const childScript = fileURLToPath(new URL('../../dist/runtimes/onnxruntime-child.js', import.meta.url));

export interface TestAgent {
  readonly reports: readonly AgentReport[];
  readonly done: Promise<void>;
  /** Resolves at the first report of that kind. */
  readonly reported: (event: AgentReport['event']) => Promise<void>;
  /** Resolves when it has ended; it may have ended badly before. */
  readonly stop: () => Promise<void>;
}

/** An agent in this process, on the data directory `dir`; its children are real. */
export function testAgent(
  lab: FakeLab,
  dir: string,
  args = [lab.url, '--token', lab.token],
  over: Partial<AgentPorts> = {},
): TestAgent {
  const reports: AgentReport[] = [];
  const waiting: Array<{ event: string; resolve: () => void }> = [];
  const report = (r: AgentReport): void => {
    reports.push(r);
    for (const w of waiting) if (w.event === r.event) w.resolve();
  };
  const reported = (event: AgentReport['event']): Promise<void> =>
    new Promise((resolve) => {
      if (reports.some((r) => r.event === event)) resolve();
      waiting.push({ event, resolve });
    });
  const stop = new AbortController();
  const { config } = parseAgentArgs([...args, '--data', dir, '--name', 'bench'], {
    // Not with the sensors of whoever's machine this is: its runs would have other observations.
    env: { HILLTOP_GROUND_TRUTH: join(dir, 'truth'), HILLTOP_SENSOR_ROOT: join(dir, 'no-machine') },
    home: dir,
    host: 'bench',
  });
  const done = runAgent(config, {
    report,
    log: pino({ enabled: false }),
    fetch,
    version: '0.0.0-test',
    signal: stop.signal,
    childScript,
    ...over,
  });
  done.catch(() => undefined);
  return {
    reports,
    reported,
    stop: async () => {
      stop.abort();
      await done;
    },
    done,
  };
}
