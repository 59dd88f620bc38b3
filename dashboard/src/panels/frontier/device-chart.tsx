import { type Constraint, type DeviceFrontier, frontierCsv, type ProtocolName } from '@hilltop/contracts';
import { ArrowLeft, Download, Maximize2, Table2 } from 'lucide-react';
import { type KeyboardEvent, useRef, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { usePeers } from '../../app/use-presence.js';
import { saveBlob } from '../../link/save-blob.js';
import { Button } from '../../ui/button.js';
import { CopyButton } from '../../ui/copy-button.js';
import { EmulatedBadge } from '../../ui/emulated-badge.js';
import { useWidth } from '../../ui/use-width.js';
import { cliOf, type View } from '../../view/view.js';
import { captionOf } from './caption.js';
import { FrontierChart } from './chart.js';
import { chartModel, type Domains } from './chart-model.js';
import { exportSvg } from './export-svg.js';
import css from './frontier-panel.module.css';
import { FrontierTable } from './frontier-table.js';

export interface DeviceChartProps {
  readonly frontier: DeviceFrontier;
  readonly view: View;
  readonly change: (step: Partial<View>) => void;
  readonly constraints: readonly Constraint[];
  readonly domains: Domains | undefined;
  readonly protocol: ProtocolName | undefined;
  readonly modelName: string;
  readonly size: 'large' | 'multiple';
  /** Whether there are other devices to go back to. */
  readonly canReturn: boolean;
}

/** One device's frontier: heading, picture, caption and the table with every value. */
export function DeviceChart({
  frontier,
  view,
  change,
  constraints,
  domains,
  protocol,
  modelName,
  size,
  canReturn,
}: DeviceChartProps) {
  const [box, width] = useWidth<HTMLDivElement>();
  const [isTableShown, setTableShown] = useState(false);
  const svg = useRef<SVGSVGElement>(null);
  const [path] = useLocation();
  const peers = usePeers(path).flatMap(({ connection, person, selection }) =>
    selection.map((key) => ({ connection, key, name: person.name, colour: person.colour })),
  );
  const { device, points } = frontier;
  const isLarge = size === 'large';
  const height = isLarge ? Math.round(Math.min(520, Math.max(320, width * 0.56))) : 270;
  const model =
    width > 0
      ? chartModel({
          points,
          x: view.x,
          y: view.y,
          constraints,
          width,
          height,
          stairs: view.z ? 'omit' : 'draw',
          energy: frontier.energy,
          ...(domains && { domains }),
        })
      : undefined;
  const title = `${device.name} frontier`;
  const caption = captionOf({ frontier, protocol, view, model, constraints: constraints.length });
  const fileName = `${modelName}-${device.name}-frontier`;
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 't' && !event.ctrlKey && !event.metaKey && !event.altKey) setTableShown((shown) => !shown);
  };
  return (
    <figure aria-label={title} onKeyDown={onKeyDown}>
      <div className={css.head}>
        <h3>{isLarge ? title : <Link href={`/devices/${device.name}`}>{device.name}</Link>}</h3>
        {device.emulated && <EmulatedBadge />}
        <div className={css.tools}>
          {canReturn && (
            <Button
              kind="quiet"
              size="small"
              icon={<ArrowLeft size={14} aria-hidden />}
              onClick={() => change({ device: undefined })}
            >
              All devices
            </Button>
          )}
          {!isLarge && (
            <Button
              kind="quiet"
              size="small"
              icon={<Maximize2 size={14} aria-hidden />}
              aria-label={`Enlarge ${title}`}
              onClick={() => change({ device: device.name })}
            />
          )}
          <Button
            kind="quiet"
            size="small"
            icon={<Table2 size={14} aria-hidden />}
            aria-pressed={isTableShown}
            aria-label={`Table of ${title}`}
            title="Table (t)"
            onClick={() => setTableShown(!isTableShown)}
          >
            {isLarge && 'Table'}
          </Button>
          {isLarge && (
            <>
              <CopyButton
                kind="quiet"
                word="CLI"
                label="the CLI line of this frontier"
                text={cliOf(view, modelName, device.name)}
              />
              <Button
                kind="quiet"
                size="small"
                icon={<Download size={14} aria-hidden />}
                onClick={() =>
                  svg.current &&
                  saveBlob(
                    exportSvg(svg.current, { title: `${title}, ${modelName}`, caption, lab: location.origin }),
                    `${fileName}.svg`,
                  )
                }
              >
                SVG
              </Button>
              <Button
                kind="quiet"
                size="small"
                icon={<Download size={14} aria-hidden />}
                onClick={() => saveBlob(csvOf(frontier, modelName, protocol), `${fileName}.csv`)}
              >
                CSV
              </Button>
            </>
          )}
        </div>
      </div>
      <div ref={box} style={{ minHeight: height }}>
        {model && (
          <FrontierChart
            model={model}
            title={title}
            emulated={device.emulated}
            pinned={view.sel}
            onPin={(sel) => change({ sel })}
            isAlone={isLarge}
            svgRef={svg}
            peers={peers}
          />
        )}
        {!model && width > 0 && <p className={css.nothing}>No point has both metrics yet.</p>}
      </div>
      <figcaption className={css.caption}>{caption}</figcaption>
      {model && (
        <div className={isTableShown ? css.tableShown : 'hidden'}>
          <FrontierTable model={model} z={view.z} title={title} isShown={isTableShown} />
        </div>
      )}
    </figure>
  );
}

function csvOf(frontier: DeviceFrontier, modelName: string, protocol: ProtocolName | undefined): Blob {
  return new Blob([frontierCsv({ modelName, protocol: protocol ?? 'standard', devices: [frontier] })], {
    type: 'text/csv',
  });
}
