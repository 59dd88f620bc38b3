import type {
  DeviceState,
  GateVerdict,
  JobState,
  RunState,
  SweepState,
  TrialState,
  VariantState,
  Verdict,
} from '@hilltop/contracts';
import css from './state-mark.module.css';

type Tone = 'ok' | 'busy' | 'warn' | 'bad' | 'off';

const shapes: Record<Tone, string> = { ok: '●', busy: '▶', warn: '▲', bad: '■', off: '○' };

const deviceTones = {
  offline: 'off',
  preparing: 'busy',
  available: 'ok',
  busy: 'busy',
  cooling: 'warn',
  unhealthy: 'bad',
  quarantined: 'bad',
  maintenance: 'warn',
  retired: 'off',
} as const satisfies Record<DeviceState, Tone>;

const runTones = {
  queued: 'off',
  claimed: 'busy',
  preparing: 'busy',
  running: 'busy',
  reporting: 'busy',
  succeeded: 'ok',
  failed: 'bad',
  cancelled: 'off',
  lost: 'warn',
} as const satisfies Record<RunState, Tone>;

const sweepTones = {
  preparing: 'busy',
  running: 'busy',
  paused: 'warn',
  succeeded: 'ok',
  failed: 'bad',
  cancelled: 'off',
} as const satisfies Record<SweepState, Tone>;

const trialTones = {
  proposed: 'off',
  running: 'busy',
  succeeded: 'ok',
  failed: 'bad',
  cancelled: 'off',
  skipped: 'off',
} as const satisfies Record<TrialState, Tone>;

const variantTones = { queued: 'off', building: 'busy', ready: 'ok', failed: 'bad' } as const satisfies Record<
  VariantState,
  Tone
>;
const verdictTones = { clean: 'ok', disturbed: 'warn', invalid: 'bad' } as const satisfies Record<
  Verdict['verdict'],
  Tone
>;

const gateTones = { improved: 'ok', same: 'ok', worse: 'bad', inconclusive: 'warn' } as const satisfies Record<
  GateVerdict,
  Tone
>;

interface MarkProps {
  readonly tone: Tone;
  readonly word: string;
  readonly testId?: string;
}

/** Shape, colour and word together: none of them alone carries the meaning. */
function Mark({ tone, word, testId }: MarkProps) {
  return (
    <span className={`${css.mark} ${css[tone]}`} data-testid={testId} data-state={word}>
      <span aria-hidden="true" className={css.shape}>
        {shapes[tone]}
      </span>
      {word}
    </span>
  );
}

export const DeviceStateMark = ({ state }: { readonly state: DeviceState }) => (
  <Mark tone={deviceTones[state]} word={state} />
);
export const RunStateMark = ({ state }: { readonly state: RunState }) => <Mark tone={runTones[state]} word={state} />;
export const JobStateMark = ({ state, testId }: { readonly state: JobState; readonly testId?: string }) => (
  <Mark tone={runTones[state]} word={state} {...(testId !== undefined && { testId })} />
);
export const SweepStateMark = ({ state, testId }: { readonly state: SweepState; readonly testId?: string }) => (
  <Mark tone={sweepTones[state]} word={state} {...(testId !== undefined && { testId })} />
);
export const TrialStateMark = ({ state }: { readonly state: TrialState }) => (
  <Mark tone={trialTones[state]} word={state} />
);
export const VariantStateMark = ({ state }: { readonly state: VariantState }) => (
  <Mark tone={variantTones[state]} word={state} />
);
export const VerdictMark = ({ verdict }: { readonly verdict: Verdict['verdict'] }) => (
  <Mark tone={verdictTones[verdict]} word={verdict} />
);
export const GateVerdictMark = ({ verdict }: { readonly verdict: GateVerdict }) => (
  <Mark tone={gateTones[verdict]} word={verdict} testId="gate-verdict" />
);
