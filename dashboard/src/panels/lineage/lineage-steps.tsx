import type { Model, Variant } from '@hilltop/contracts';
import { Link } from 'wouter';
import { formatBytes, formatMetric } from '../../format/number.js';
import { EmulatedBadge } from '../../ui/emulated-badge.js';
import { RunStateMark, VariantStateMark, VerdictMark } from '../../ui/state-mark.js';
import { statusWords } from '../frontier/describe.js';
import { StatusMark } from '../frontier/marks.js';
import { comparisonText, differenceText } from '../variants/screening-text.js';
import css from './lineage.module.css';
import type { Lineage, LineageJob } from './lineage-model.js';

export interface LineageStepsProps {
  readonly model: Model;
  readonly variant: Variant;
  readonly lineage: Lineage;
}

/** The way of a variant as a list that reads from top to bottom. */
export function LineageSteps({ model, variant, lineage }: LineageStepsProps) {
  return (
    <ol className={css.line} aria-label={`Lineage of ${variant.recipe}`}>
      <li className={css.step} data-kind="model">
        <strong>{model.name}</strong>
        <span className="muted">
          model, {formatBytes(model.bytes)}, {formatMetric('parameters', model.parameters)} parameters
        </span>
        <span className={css.sha}>{model.sha256}</span>
      </li>
      {variant.origin !== 'recipe' && (
        <li className={css.step} data-kind="pass">
          <strong>made elsewhere</strong>
          <span className="muted">{variant.description ?? 'nobody said how'}</span>
        </li>
      )}
      {lineage.passes.map(({ pass, parameters, ms, notes }, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: passes never move, and one may come twice
        <li key={i} className={css.step} data-kind="pass">
          <strong>{pass}</strong>
          {parameters && <span>{parameters}</span>}
          {notes.length > 0 && <span className="muted">{notes.join(' · ')}</span>}
          {ms !== undefined && <span className="caption">took {formatMetric('load_ms', ms)}</span>}
        </li>
      ))}
      {lineage.passes.length === 0 && variant.origin === 'recipe' && (
        <li className={css.step} data-kind="pass">
          <strong>no pass</strong>
          <span className="muted">the model as it was pushed</span>
        </li>
      )}
      <ArtifactStep variant={variant} />
      <li className={css.step} data-kind="runs">
        <strong>{lineage.jobs.length === 0 ? 'not run yet' : 'measured'}</strong>
        {lineage.jobs.map((job) => (
          <JobRuns key={job.jobId} job={job} />
        ))}
      </li>
      <li className={css.step} data-kind="standing">
        <strong>{lineage.places.length === 0 ? 'on no frontier yet' : 'where it stands'}</strong>
        <ul className={css.places}>
          {lineage.places.map(({ device, point, label, reason }) => (
            <li key={`${device.id} ${label}`} className={css.tools}>
              <StatusMark status={point.status} />
              <Link href={`/devices/${device.name}`}>{device.name}</Link>
              {device.emulated && <EmulatedBadge />}
              {label !== point.recipe && <span>{label}</span>}
              <span>{statusWords[point.status]}.</span>
              <span className="muted">{reason}</span>
            </li>
          ))}
        </ul>
      </li>
    </ol>
  );
}

function ArtifactStep({ variant }: { readonly variant: Variant }) {
  const { artifact, screening, plan, planError } = variant;
  return (
    <li className={css.step} data-kind="artifact">
      <strong>artifact</strong>
      <VariantStateMark state={variant.state} />
      {artifact && (
        <>
          <span className="muted">{variant.firmware ? 'inside a firmware' : formatBytes(artifact.bytes)}</span>
          <span className={css.sha}>{artifact.sha256}</span>
        </>
      )}
      {screening && (
        <span>
          screened on {screening.items.toLocaleString('en')} validation items
          {screening.comparison && `: ${differenceText(screening.comparison)} against fp32. `}
          {screening.comparison && <span className="muted">{comparisonText(screening.comparison)}</span>}
        </span>
      )}
      {plan && (
        <span>
          plan for microcontrollers, {formatBytes(plan.bytes)}, arena {formatBytes(plan.arenaBytes)}
        </span>
      )}
      {planError && <span className="muted">no plan for microcontrollers: {planError.message}</span>}
    </li>
  );
}

/** Of a job with many runs the first ones; the job has all. */
const mostRuns = 12;

function JobRuns({ job: { jobId, runs } }: { readonly job: LineageJob }) {
  return (
    <div>
      <Link href={`/jobs/${jobId}`}>{jobId}</Link>
      <ul className={css.runs}>
        {runs.slice(0, mostRuns).map((run) => (
          <li key={run.id}>
            <Link href={`/runs/${run.id}`}>{run.deviceName}</Link> {run.protocol.name}{' '}
            {run.state === 'succeeded' && run.verdict ? (
              <VerdictMark verdict={run.verdict.verdict} />
            ) : (
              <RunStateMark state={run.state} />
            )}
          </li>
        ))}
        {runs.length > mostRuns && <li className="caption">and {runs.length - mostRuns} more</li>}
      </ul>
    </div>
  );
}
