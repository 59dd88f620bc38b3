import { type Change, reservationText, Topic } from '@hilltop/contracts';
import type { Context } from '../context.js';
import { followTopic } from '../lab/follow.js';
import { usageError } from '../shell/usage-error.js';
import { clockText } from '../text/clock.js';
import { countsText } from '../text/job-text.js';
import { runLine } from '../text/run-line.js';
import { deviceText, stateText } from '../text/status-marks.js';
import type { Style } from '../text/style.js';

/** Follows the lab's event stream until Ctrl-C: what is there first, then every change. */
export async function monitor(context: Context): Promise<void> {
  const topic = Topic.safeParse(context.options.text('topic') ?? 'lab');
  if (!topic.success) throw usageError('--topic is lab, job/J, sweep/S, model/M or device/D.');
  await followTopic({
    address: context.address,
    topic: topic.data,
    signal: context.terminal.signal,
    onChanges: (changes) => {
      for (const change of changes)
        context.event(change, () => `${clock(context.terminal.now())}  ${changeLine(change, context.style)}\n`);
    },
    onLink: (link) =>
      context.say(
        link === 'up'
          ? `following ${topic.data} of ${context.address.url}`
          : 'connection lost; it comes back by itself',
      ),
  });
}

const clock = (ms: number): string => new Date(ms).toISOString().slice(11, 19);

/** A change for people, in one line. */
export function changeLine(change: Change, style: Style): string {
  if (change.value === undefined) return `${change.kind}  ${change.id} is gone`;
  switch (change.kind) {
    case 'device':
      return `device  ${change.value.name}: ${deviceText(change.value.state, style)}${change.value.stateReason ? ` (${change.value.stateReason})` : ''}`;
    case 'model':
      return `model  ${change.value.name} (${change.id})`;
    case 'variant':
      return `variant  ${change.value.recipe}: ${change.value.state}${change.value.error ? `: ${change.value.error.message}` : ''}`;
    case 'job':
      return `job  ${change.value.name ?? change.id}: ${stateText(change.value.state, style)} (${countsText(change.value)})`;
    case 'run':
      return change.value.endedAt
        ? `run  ${runLine(change.value, style)}`
        : `run  ${change.value.recipe} on ${change.value.deviceName}: ${stateText(change.value.state, style)}`;
    case 'gate': {
      const { sweepName, baselineName, verdict, counts } = change.value;
      return `gate  ${sweepName} against ${baselineName}: ${verdict} (${counts.worse} worse, ${counts.inconclusive} inconclusive)`;
    }
    case 'schedule': {
      const { name, paused, last } = change.value;
      return `schedule  ${name}: ${paused ? 'paused' : last ? `${last.state} (due ${last.dueAt})` : 'waits'}`;
    }
    case 'reservation':
      return `reservation  ${change.value.deviceName ?? change.id}: ${reservationText(change.value, clockText)}`;
    case 'console': {
      const { deviceId, writer, ask } = change.value;
      return `console  ${deviceId}: ${writer ? `${writer.name} has the keyboard` : 'nobody has the keyboard'}${ask ? `; ${ask.by.name} asks for it` : ''}`;
    }
    case 'sweep': {
      const { name, state, trials, note } = change.value;
      return `sweep  ${name}: ${state} (${trials.succeeded} measured, ${trials.open} open, ${trials.failed} failed)${note ? `: ${note}` : ''}`;
    }
    case 'trial': {
      const { number, recipe, deviceName, state, why } = change.value;
      return `trial  ${number} ${recipe} on ${deviceName}: ${state} (${why})`;
    }
    case 'note':
      return `note  ${change.value.author.name} on ${change.value.subject.kind} ${change.value.subject.id}: ${change.value.text}`;
    case 'frontier': {
      const on = change.value.frontier.points.filter((point) => point.status === 'on').map((point) => point.recipe);
      return `frontier  ${change.value.frontier.device.name}: ${on.join(', ') || 'nothing certain yet'}`;
    }
  }
}
