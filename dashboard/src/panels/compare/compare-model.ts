import {
  type DeviceFrontier,
  type MetricChange,
  pointKey,
  type Recipe,
  type RunSettings,
  settingsWords,
} from '@hilltop/contracts';

/** Devices on which at least two of the chosen points were measured, with those points in the order of choosing. */
export function comparable(
  frontiers: readonly DeviceFrontier[],
  chosen: readonly string[],
): { readonly frontier: DeviceFrontier; readonly keys: readonly string[] }[] {
  return frontiers.flatMap((frontier) => {
    const here = new Set(frontier.points.map(pointKey));
    const keys = chosen.filter((key) => here.has(key));
    return keys.length < 2 ? [] : [{ frontier, keys }];
  });
}

/** The same points with another one as the reference. */
export const withReference = (chosen: readonly string[], key: string): readonly string[] => [
  key,
  ...chosen.filter((each) => each !== key),
];

export { changeDifferenceText as differenceText, changeText } from '@hilltop/contracts';

/** So many of 100 dots are filled; a side that is not certain never looks it. */
export function filledDots({ better, of }: NonNullable<MetricChange['redraws']>): number {
  const dots = Math.round((better / of) * 100);
  if (better > 0 && dots === 0) return 1;
  return better < of && dots === 100 ? 99 : dots;
}

export interface DifferenceRow {
  readonly what: string;
  /** One a point, in their order; `–` where it has none. */
  readonly values: readonly string[];
}

/** What differs between recipes: each pass with its parameters, those alone that are not the same in all. */
export function recipeDifferences(recipes: readonly (Recipe | undefined)[]): DifferenceRow[] {
  const named = recipes.map((recipe) => {
    const seen = new Map<string, number>();
    const entries = (recipe?.steps ?? []).flatMap(({ pass, parameters }) => {
      const turn = (seen.get(pass) ?? 0) + 1;
      seen.set(pass, turn);
      const name = turn === 1 ? pass : `${pass} (${turn})`;
      return [
        [name, 'yes'] as const,
        ...Object.entries(parameters).map(([key, value]) => [`${name}: ${key}`, valueText(value)] as const),
      ];
    });
    return new Map<string, string>(entries);
  });
  return differing(named);
}

const valueText = (value: unknown): string => (Array.isArray(value) ? value.join(', ') || 'none' : String(value));

/** What differs between run settings, in words. */
export function settingsDifferences(all: readonly RunSettings[]): DifferenceRow[] {
  const words = all.map((settings) => settingsWords(settings).join(', ') || 'plain');
  return differing(words.map((text) => new Map([['run settings', text]])));
}

function differing(maps: readonly ReadonlyMap<string, string>[]): DifferenceRow[] {
  return [...new Set(maps.flatMap((map) => [...map.keys()]))]
    .map((what) => ({ what, values: maps.map((map) => map.get(what) ?? '–') }))
    .filter(({ values }) => new Set(values).size > 1);
}

/** The CLI line that answers the same. */
export function compareCli(
  model: string,
  device: string,
  protocol: string,
  points: readonly { readonly recipe: string; readonly key: string }[],
): string {
  const quote = (text: string): string => (/^[\w.+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
  // A recipe says which point is meant, unless it was measured under several settings.
  const isOne = ({ recipe }: { readonly recipe: string }): boolean =>
    points.filter((each) => each.recipe === recipe).length === 1;
  return [
    'hilltop compare',
    `-m ${quote(model)}`,
    `-d ${quote(device)}`,
    `--protocol ${protocol}`,
    ...points.map((point) => quote(isOne(point) ? point.recipe : point.key)),
  ].join(' ');
}
