import { useKeys } from '../../app/keys.js';

export interface FrontierKeysWish {
  /** Devices whose charts are on the screen. */
  readonly devices: readonly string[];
  readonly pinned: string | undefined;
  readonly onTable: (device: string) => void;
  readonly onNote: (device: string, key: string) => void;
}

/** `t`, `c` and `n`: of the chart that has the focus, else of the first one. */
export function useFrontierKeys({ devices, pinned, onTable, onNote }: FrontierKeysWish): void {
  const here = (): { readonly device: string | undefined; readonly key: string | undefined } => {
    const focus = document.activeElement;
    const device = focus?.closest<HTMLElement>('figure[data-device]')?.dataset['device'];
    const key = focus?.closest<SVGElement>('[data-key]')?.dataset['key'];
    return { device: devices.find((each) => each === device) ?? devices[0], key: key ?? pinned };
  };
  useKeys(
    'Frontier',
    devices.length === 0
      ? []
      : [
          {
            keys: 't',
            does: 'the chart as a table, or no longer',
            run: () => onTable(here().device!),
          },
          {
            keys: 'c',
            does: 'compare the chosen points',
            run: () => {
              const panel = document.querySelector<HTMLElement>('[data-panel="compare"]');
              panel?.scrollIntoView({ block: 'start' });
              panel?.setAttribute('tabindex', '-1');
              panel?.focus({ preventScroll: true });
            },
          },
          {
            keys: 'n',
            does: 'note on the point that is pinned or has the focus',
            run: () => {
              const at = here();
              if (at.key !== undefined) onNote(at.device!, at.key);
            },
          },
        ],
  );
}
