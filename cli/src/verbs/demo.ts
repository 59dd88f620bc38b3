import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Frontier } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { LabClient } from '../lab/client.js';
import { adminToken } from '../lab/credentials.js';
import { jobStatus } from '../lab/follow-job.js';
import { emulatedBoard, startLocalAgent } from '../local/agent-process.js';
import type { Child } from '../local/child.js';
import { startCoordinator } from '../local/coordinator-process.js';
import { boardJob, noFrontier, runStarterJob, starterJobs } from '../local/starter-jobs.js';
import { whileAlive } from '../local/while-alive.js';
import type { ExitStatus } from '../shell/exit-status.js';
import { frontierText } from '../text/frontier-text.js';
import { formatDuration } from '../text/units.js';

/** A lab of its own on free ports in a temporary directory: the main job once, the frontiers, and everything is gone. */
export async function demo(context: Context): Promise<ExitStatus> {
  const { terminal, options, style } = context;
  const began = terminal.now();
  const dataDir = await mkdtemp(join(tmpdir(), 'hilltop-demo-'));
  const children: Child[] = [];
  try {
    const coordinator = await startCoordinator({ dataDir, port: 0, mqttPort: 0 }, terminal);
    children.unshift(coordinator.child);
    const token = adminToken(coordinator.listening.dataDir);
    const client = new LabClient({ url: coordinator.listening.url, signal: terminal.signal, ...(token && { token }) });
    context.say(`a throw-away lab at ${client.url}`);
    const { child, device } = await whileAlive(children, startLocalAgent(client, dataDir, terminal));
    children.unshift(child);
    context.say(`this machine is a device: ${device.name}, ${device.type}`);
    const onHost = await whileAlive(children, runStarterJob(client, starterJobs[0], device, terminal));
    const board = await whileAlive(children, emulatedBoard(client, device, terminal));
    const onBoard =
      'device' in board
        ? await whileAlive(children, runStarterJob(client, boardJob, board.device, terminal))
        : undefined;
    const results = onBoard ? [onHost, onBoard] : [onHost];
    const frontiers = results.flatMap(({ frontier }): Frontier[] => (frontier ? [frontier] : []));
    for (const result of results) if (!result.frontier) context.say(noFrontier(result));
    if ('lack' in board) context.say(`the emulated Raspberry Pi Pico is left out: ${board.lack}`);
    const { isTerminal, columns } = terminal.out;
    context.answer(frontiers, () =>
      frontiers.map((one) => frontierText(one, { style, ...(isTerminal && { plotWidth: columns }) })).join('\n'),
    );
    context.say(`done in ${formatDuration(terminal.now() - began)}`);
    return results.map(({ job }) => jobStatus(job)).find((status) => status !== 0) ?? 0;
  } finally {
    for (const child of children) await child.stop();
    if (options.flag('keep')) context.say(`kept: hilltop up --data ${dataDir}`);
    else await rm(dataDir, { recursive: true, force: true });
  }
}
