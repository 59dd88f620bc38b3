import type { DeviceFrontier, ProtocolName } from '@hilltop/contracts';
import { frontierCsv } from '@hilltop/contracts';
import { ArrowLeft, Download, Maximize2, Table2 } from 'lucide-react';
import type { RefObject } from 'react';
import { saveBlob } from '../../link/save-blob.js';
import { Button } from '../../ui/button.js';
import { CopyButton } from '../../ui/copy-button.js';
import { cliOf, type View } from '../../view/view.js';
import { exportPng } from './export-png.js';
import { exportSvg } from './export-svg.js';
import css from './frontier-panel.module.css';

export interface ChartToolsProps {
  readonly frontier: DeviceFrontier;
  readonly view: View;
  readonly change: (step: Partial<View>) => void;
  readonly protocol: ProtocolName | undefined;
  readonly modelName: string;
  readonly title: string;
  readonly caption: string;
  readonly isLarge: boolean;
  readonly canReturn: boolean;
  readonly svg: RefObject<SVGSVGElement | null>;
  readonly isTableShown: boolean;
  readonly onTable: () => void;
}

/** Larger, smaller, table, the CLI line, and the picture and its numbers as files. */
export function ChartTools(props: ChartToolsProps) {
  const { frontier, view, change, protocol, modelName, title, caption, isLarge, canReturn, svg } = props;
  const { device } = frontier;
  const fileName = `${modelName}-${device.name}-frontier`;
  const picture = (): Blob | undefined =>
    svg.current
      ? exportSvg(svg.current, { title: `${title}, ${modelName}`, caption, lab: location.origin })
      : undefined;
  const files: readonly (readonly [string, () => Promise<Blob | undefined>])[] = [
    ['SVG', async () => picture()],
    [
      'PNG',
      async () => {
        const made = picture();
        return made && exportPng(made);
      },
    ],
    ['CSV', async () => csvOf(frontier, modelName, protocol)],
  ];
  return (
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
        aria-pressed={props.isTableShown}
        aria-label={`Table of ${title}`}
        title="Table (t)"
        onClick={props.onTable}
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
          {files.map(([word, make]) => (
            <Button
              key={word}
              kind="quiet"
              size="small"
              icon={<Download size={14} aria-hidden />}
              onClick={() => void make().then((blob) => blob && saveBlob(blob, `${fileName}.${word.toLowerCase()}`))}
            >
              {word}
            </Button>
          ))}
        </>
      )}
    </div>
  );
}

function csvOf(frontier: DeviceFrontier, modelName: string, protocol: ProtocolName | undefined): Blob {
  return new Blob([frontierCsv({ modelName, protocol: protocol ?? 'standard', devices: [frontier] })], {
    type: 'text/csv',
  });
}
