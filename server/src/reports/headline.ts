import { type Gate, type GateRow, type Report, type Sweep } from '@hilltop/contracts';
import { counted, durationText, percentText } from './words.js';

export interface Headline {
  readonly tone: 'improved' | 'same' | 'worse' | 'failed' | 'inconclusive' | 'neutral';
  /** A few words. */
  readonly verdict: string;
  readonly sentence: string;
}

/** What a reader wants to know first: the gate's verdict where there is one, else how the sweep went. */
export function headlineOf({ gate, sweep }: Pick<Report, 'gate' | 'sweep'>): Headline {
  if (gate) return { tone: gate.verdict, verdict: gateVerdict(gate), sentence: gateSentence(gate) };
  if (!sweep)
    return { tone: 'neutral', verdict: 'Nothing to report', sentence: 'There is neither a sweep nor a gate.' };
  return sweepHeadline(sweep);
}

function gateVerdict({ verdict, baselineName }: Gate): string {
  switch (verdict) {
    case 'worse':
      return `Worse than ${baselineName}`;
    case 'same':
      return `No worse than ${baselineName}`;
    case 'improved':
      return `Better than ${baselineName}`;
    case 'inconclusive':
      return `Not decided against ${baselineName}`;
  }
}

/** `2 of 48 results are worse by more than 1 %; 1 inconclusive, 45 the same.` */
function gateSentence({ counts, maxRegression, rows }: Gate): string {
  const first =
    counts.worse > 0
      ? `${counts.worse} of ${counted(rows.length, 'result')} ${counts.worse === 1 ? 'is' : 'are'} worse by more than ${percentText(maxRegression)}`
      : `None of ${counted(rows.length, 'result')} is worse by more than ${percentText(maxRegression)}`;
  const rest = [
    counts.inconclusive > 0 && `${counts.inconclusive} inconclusive`,
    counts.improved > 0 && `${counts.improved} improved`,
    counts.same > 0 && `${counts.same} the same`,
    counts.accepted > 0 && `${counts.accepted} accepted`,
    counts.missing > 0 && `${counts.missing} not compared`,
  ].filter((part) => part !== false);
  return `${first}${rest.length > 0 ? `; ${rest.join(', ')}` : ''}.`;
}

function sweepHeadline(sweep: Sweep): Headline {
  const { trials, places, used } = sweep;
  const devices = new Set(places.map(({ deviceId }) => deviceId)).size;
  const sentence = `${counted(trials.succeeded, 'trial')} measured on ${counted(devices, 'device')} in ${durationText(used.wallMinutes * 60)}${
    trials.failed > 0 ? `; ${trials.failed} failed` : ''
  }.${sweep.note ? ` ${sentenceOf(sweep.note)}` : ''}`;
  switch (sweep.state) {
    case 'succeeded':
      return { tone: 'neutral', verdict: 'Sweep done', sentence };
    case 'failed':
      return {
        tone: 'failed',
        verdict: 'Sweep failed',
        sentence: sweep.error ? sentenceOf(sweep.error.message) : sentence,
      };
    case 'cancelled':
      return { tone: 'inconclusive', verdict: 'Sweep cancelled', sentence };
    default:
      return { tone: 'inconclusive', verdict: `Sweep ${sweep.state}: so far`, sentence };
  }
}

const sentenceOf = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;

export const isAccepted = ({ decision }: Pick<GateRow, 'decision'>): boolean => decision?.state === 'accepted';

const rank = { worse: 0, inconclusive: 1, improved: 2, same: 4 } as const;

/** What needs a reader first: worse, inconclusive, improved, accepted, the same; within each as the gate has them. */
export const orderedRows = (rows: readonly GateRow[]): GateRow[] =>
  [...rows].sort((a, b) => orderOf(a) - orderOf(b) || a.row - b.row);

const orderOf = (row: GateRow): number => (isAccepted(row) ? 3 : rank[row.verdict]);

/** Neither the same nor accepted. */
export const isNews = (row: GateRow): boolean => row.verdict !== 'same' && !isAccepted(row);
