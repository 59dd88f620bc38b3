import { resolve } from 'node:path';
import { type Device, errorText, LabError, SessionCode } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { LabClient } from '../lab/client.js';
import { adminToken, defaultDataDir, rememberLab } from '../lab/credentials.js';
import { emulatedBoard, startLocalAgent } from '../local/agent-process.js';
import { announce } from '../local/announce.js';
import { openBrowser } from '../local/browser.js';
import type { Child } from '../local/child.js';
import { crashed, startCoordinator } from '../local/coordinator-process.js';
import { boardJob, noFrontier, runStarterJob, type StarterJob, starterJobs } from '../local/starter-jobs.js';
import { whileAlive } from '../local/while-alive.js';
import { frontierText } from '../text/frontier-text.js';

/** Runs a coordinator here until Ctrl-C; with --demo also an agent, the sample models and the starter jobs. */
export async function up(context: Context): Promise<void> {
  const { options, terminal } = context;
  const dataDir = resolve(terminal.cwd, options.text('data') ?? defaultDataDir(terminal));
  const [port, mqttPort] = [options.integer('port', 0), options.integer('mqtt-port', 0)];
  const [listen, mqttUrl] = [options.text('listen'), options.text('mqtt-url')];
  const publicUrls = options.texts('public-url');
  const coordinator = await startCoordinator(
    {
      dataDir,
      publicUrls,
      ...(port !== undefined && { port }),
      ...(mqttPort !== undefined && { mqttPort }),
      ...(listen && { listen }),
      ...(mqttUrl && { mqttUrl }),
    },
    terminal,
  );
  const { listening } = coordinator;
  let agent: Child | undefined;
  let stopping = false;
  try {
    const token = adminToken(listening.dataDir);
    if (!token)
      throw new LabError('lab.internal', `${listening.dataDir}/admin-token is missing: without it nobody gets in`);
    rememberLab(terminal, listening.url, token);
    const client = new LabClient({ url: listening.url, token, signal: terminal.signal });
    announce(context, listening);
    await showInBrowser(context, client);
    const work = options.flag('demo')
      ? demonstrate(context, client, listening.dataDir, (child) => {
          agent = child;
          // The lab goes on without it; a person should know.
          void child.ended.then(() => stopping || context.say(crashed(child, 'ended by itself').message));
        })
      : Promise.resolve();
    await whileAlive(
      [coordinator.child],
      // What the demonstration could not do is told; the lab goes on serving.
      work.catch((error: unknown) => {
        if (!terminal.signal.aborted) context.say(`the demo stopped: ${errorText(error)}`);
      }),
    );
    if (!terminal.signal.aborted) context.say('Ctrl-C stops it.');
    await whileAlive([coordinator.child], aborted(terminal.signal));
  } catch (error) {
    if (!terminal.signal.aborted) throw error;
  } finally {
    stopping = true;
    if (terminal.signal.aborted) context.say('\nstopping …');
    await agent?.stop();
    await coordinator.child.stop();
  }
}

async function demonstrate(
  context: Context,
  client: LabClient,
  dataDir: string,
  started: (agent: Child) => void,
): Promise<void> {
  const { terminal, style } = context;
  const { child, device } = await startLocalAgent(client, dataDir, terminal);
  started(child);
  context.say(`this machine is a device: ${device.name}, ${device.type}`);
  const measure = async (starter: StarterJob, on: Device): Promise<void> => {
    const result = await runStarterJob(client, starter, on, terminal, (run) => {
      if (context.json) context.event({ event: 'run', run }, () => '');
    });
    const { frontier } = result;
    if (!frontier) return context.say(noFrontier(result));
    const { isTerminal, columns } = terminal.out;
    context.event(
      { event: 'frontier', frontier },
      () => `\n${frontierText(frontier, { style, ...(isTerminal && { plotWidth: columns }) })}\n`,
    );
  };
  const [main, ...further] = starterJobs;
  await measure(main, device);
  const board = await emulatedBoard(client, device, terminal);
  if ('device' in board) await measure(boardJob, board.device);
  else context.say(`the emulated Raspberry Pi Pico is left out: ${board.lack}`);
  for (const starter of further) await measure(starter, device);
}

/** The code on the screen stays unused: the browser gets one of its own. */
async function showInBrowser(context: Context, client: LabClient): Promise<void> {
  const { env } = context.terminal;
  if (process.platform !== 'darwin' && !env.DISPLAY && !env.WAYLAND_DISPLAY) return;
  const { url } = await client.post('/api/v1/sessions/codes', {}, SessionCode);
  openBrowser(url, context.terminal);
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((done) => {
    if (signal.aborted) done();
    signal.addEventListener('abort', () => done(), { once: true });
  });
