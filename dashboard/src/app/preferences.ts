import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import { browserStorage } from '../link/browser-storage.js';
import type { TokenStorage } from '../link/session-store.js';

/** What a viewer chose for this browser; it is no business of the lab. */
export interface Preferences {
  /** Whether single letters are keys of the page (WCAG 2.1.4). */
  readonly singleKeys: boolean;
  /** Whose cursors are drawn; off also sends none. */
  readonly cursors: 'all' | 'following' | 'off';
  /** Devices as cards or as rows; rows of all tables are lower with `table`. */
  readonly density: 'cards' | 'table';
  readonly theme: 'system' | 'light' | 'dark';
}

/** What each may be, the default first; as it stands in the storage under `hilltop.<name>`. */
export const choices = {
  singleKeys: [true, false],
  cursors: ['following', 'all', 'off'],
  density: ['cards', 'table'],
  theme: ['system', 'light', 'dark'],
} as const satisfies { [K in keyof Preferences]: readonly Preferences[K][] };

const names = Object.keys(choices) as (keyof Preferences)[];
const storageKey = (name: keyof Preferences): string => `hilltop.${name}`;

/** What is stored; anything that is no choice is the default. */
export function preferencesOf(stored: (key: string) => string | null): Preferences {
  return Object.fromEntries(
    names.map((name) => {
      const text = stored(storageKey(name));
      const values: readonly (string | boolean)[] = choices[name];
      return [name, values.find((value) => String(value) === text) ?? values[0]];
    }),
  ) as unknown as Preferences;
}

const storage: TokenStorage = browserStorage(() => localStorage);
export const preferences = createStore<Preferences>(() => preferencesOf((key) => storage.getItem(key)));

export const usePreferences = (): Preferences => useStore(preferences);

/** Holds at once, on every screen of this tab, and for the next visit where the browser keeps anything. */
export function setPreference<K extends keyof Preferences>(name: K, value: Preferences[K]): void {
  preferences.setState({ [name]: value } as Pick<Preferences, K>);
  try {
    storage.setItem(storageKey(name), String(value));
  } catch {
    return; // full storage: kept for this visit only
  }
}

/** Puts theme and density on the page and keeps them there: colours and heights are CSS, nothing is drawn again. */
export function applyPreferences(root: HTMLElement): void {
  const apply = ({ theme, density }: Preferences): void => {
    root.dataset.theme = theme;
    root.dataset.density = density;
  };
  apply(preferences.getState());
  preferences.subscribe(apply);
}
