import { useEffect, useRef } from 'react';
import { keyCaps } from '../app/key-match.js';
import type { Entry } from './entries.js';
import css from './palette.module.css';

export interface PaletteListProps {
  readonly id: string;
  readonly rows: readonly Entry[];
  /** Index of the row that Enter chooses. */
  readonly active: number;
  readonly reasonOf: (entry: Entry) => string | undefined;
  readonly onPoint: (index: number) => void;
  readonly onChoose: (entry: Entry) => void;
}

/** The rows in their groups. The focus stays in the field: the list only shows where it stands. */
export function PaletteList({ id, rows, active, reasonOf, onPoint, onChoose }: PaletteListProps) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.querySelector(`[data-index="${active}"]`)?.scrollIntoView({ block: 'nearest' });
  }, [active]);
  const groups = [...new Set(rows.map(({ group }) => group))];
  return (
    <div ref={list} id={`${id}-list`} role="listbox" aria-label="Answers" className={css.list}>
      {groups.map((group) => (
        // biome-ignore lint/a11y/useSemanticElements: groups of options in a listbox
        <div key={group} role="group" aria-label={group} className={css.group}>
          <p className={css.groupName} aria-hidden="true">
            {group}
          </p>
          {rows.map((entry, index) => {
            if (entry.group !== group) return null;
            const reason = reasonOf(entry);
            return (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the field
              // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the field
              <div
                key={entry.id}
                id={`${id}-${index}`}
                data-index={index}
                role="option"
                aria-selected={index === active}
                aria-disabled={reason !== undefined || undefined}
                className={css.option}
                onPointerMove={() => index !== active && onPoint(index)}
                onClick={() => onChoose(entry)}
              >
                <span className={css.name}>{entry.title}</span>
                <span className={css.detail}>{reason ?? entry.detail}</span>
                {entry.act.kind === 'copy' && <span className={css.tag}>copy</span>}
                {entry.keys !== undefined && (
                  <span className={css.keys}>
                    {keyCaps(entry.keys).map((cap) => (
                      <kbd key={cap}>{cap}</kbd>
                    ))}
                  </span>
                )}
              </div>
            );
          })}
        </div>
      ))}
      {rows.length === 0 && <p className={css.none}>Nothing is called so.</p>}
    </div>
  );
}
