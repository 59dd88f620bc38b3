export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const key = 'hilltop.theme';

/** The stored theme; anything else is `system`. */
export function themeOf(stored: string | null | undefined): Theme {
  return themes.find((theme) => theme === stored) ?? 'system';
}

export function readTheme(storage: Pick<Storage, 'getItem'>): Theme {
  try {
    return themeOf(storage.getItem(key));
  } catch {
    return 'system'; // storage is closed in some private windows
  }
}

/** Switches at once and without drawing anything again: every colour is a CSS variable. */
export function applyTheme(theme: Theme, root: HTMLElement, storage: Pick<Storage, 'setItem'>): void {
  root.dataset.theme = theme;
  try {
    storage.setItem(key, theme);
  } catch {
    return; // kept for this visit only
  }
}
