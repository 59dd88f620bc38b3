import type { Run } from '@hilltop/contracts';
import type { ReactNode } from 'react';
import { useTopic } from '../../app/lab-context.js';
import { formatBytes, formatMetric, formatNumber } from '../../format/number.js';
import { formatInstant } from '../../format/time.js';
import { CopyButton } from '../../ui/copy-button.js';
import { DownloadButton } from '../../ui/download-button.js';
import { Skeleton } from '../../ui/empty.js';
import { Facts } from '../../ui/facts.js';
import type { PanelProps } from '../panel-name.js';
import { useRun } from '../runs/use-run.js';
import { settingsText } from './settings-text.js';

/** Everything that must be equal for two runs to be compared. */
export function RunSettingsPanel({ subject }: PanelProps) {
  const { run } = useRun(subject.runId);
  const devices = useTopic('lab').entities.device;
  if (!run) return <Skeleton rows={5} />;
  const { protocol, environment, artifact, floor } = run;
  // Of a model inside a firmware the artifact says which one; its size nobody knows.
  const isInFirmware = run.state === 'succeeded' && run.metrics.size_bytes === undefined;
  const isEmulated = devices.get(run.deviceId)?.emulated ?? false;
  const isBoard = environment?.runtime.name === 'microcontroller';
  return (
    <>
      <Facts
        rows={[
          ['Protocol', `${protocol.name}, ${protocol.scenario}`],
          ...(isBoard ? boardRows(run, isEmulated) : hostRows(run)),
          [
            'Runtime',
            environment &&
              `${environment.runtime.name} ${environment.runtime.version}, ${environment.runtime.provider}`,
          ],
          ['Agent', environment?.agentVersion],
          ['Node', environment?.node],
          ['Kernel', environment?.kernel],
          ['Governor', environment?.governor],
          [
            'Load average before',
            environment?.loadAverage === undefined ? undefined : formatNumber(environment.loadAverage),
          ],
          ['Capped by', environment?.caps],
          [
            'Memory limit',
            environment?.memoryLimitBytes === undefined ? undefined : formatBytes(environment.memoryLimitBytes),
          ],
          ['Floor, latency p50', floor && formatMetric('latency_p50_ms', floor.latencyP50Ms)],
          ['Sent over the wire', run.transferBytes === undefined ? undefined : formatBytes(run.transferBytes)],
          ['Attempt', run.attempt],
          ['Queued', formatInstant(run.queuedAt)],
          ['Started', run.startedAt && formatInstant(run.startedAt)],
          ['Ended', run.endedAt && formatInstant(run.endedAt)],
          ['Run', <Copied key="run" text={run.id} shown={run.id} label="the run's id" />],
          [
            'Artifact',
            artifact && (
              <Copied
                key="artifact"
                text={artifact.sha256}
                shown={`${artifact.sha256.slice(0, 16)}…`}
                label="the artifact's SHA-256"
              />
            ),
          ],
        ]}
      />
      <p>
        <CopyButton text={settingsText(run)} label="settings and versions as JSON" word="Copy settings and versions" />
      </p>
      {artifact && (
        <p>
          <DownloadButton
            artifact={artifact}
            fileName={`${run.recipe}.${isInFirmware ? 'json' : isBoard ? 'plan' : 'onnx'}`}
          />{' '}
          <span className="muted">
            {isInFirmware ? 'names the model inside the firmware' : formatBytes(artifact.bytes)}
          </span>
        </p>
      )}
    </>
  );
}

/** What an id or a sum is, shortened where it is long, and the whole of it to paste. */
function Copied({ text, shown, label }: { readonly text: string; readonly shown: string; readonly label: string }) {
  return (
    <>
      <code>{shown}</code> <CopyButton kind="quiet" text={text} label={label} />
    </>
  );
}

type Rows = readonly (readonly [string, ReactNode])[];

const hostRows = ({ protocol, settings }: Run): Rows => [
  ['Blocks', `${protocol.blocks}, each a fresh process`],
  [
    'A block lasts at least',
    `${formatMetric('load_ms', protocol.blockMinMs)} and ${protocol.blockMinInferences} inferences`,
  ],
  ['Evaluation items', protocol.evaluationItems ?? 'all'],
  ['Threads', settings.threads],
  ['Graph level', settings.graphLevel],
  ['Precision', settings.precision],
];

/** A board measures by its own rule; threads and graph levels mean nothing there. */
const boardRows = ({ protocol: { blocks, board, evaluationItems } }: Run, isEmulated: boolean): Rows => [
  ['Loops', `${blocks}, each after a fresh load`],
  isEmulated
    ? ['A loop, emulated', board && `${board.emulatedInferences} inferences`]
    : [
        'A loop lasts at least',
        board && `${formatMetric('load_ms', board.loopMinMs)} and ${board.loopMinInferences} inferences`,
      ],
  [
    'Evaluation items',
    `${evaluationItems ?? 'all'}${board ? `, or as many as fit into ${formatMetric('load_ms', board.evaluationMaxMs)}` : ''}`,
  ],
];
