import type { DialogName, DialogStart } from '../dialogs/dialogs-context.js';

/** What choosing a row of the palette does. */
export type Act =
  | { readonly kind: 'go'; readonly href: string }
  | { readonly kind: 'open'; readonly dialog: DialogName; readonly start?: DialogStart }
  | Call
  | { readonly kind: 'follow'; readonly connection: string }
  /** A command-line verb without an equivalent on the page: the line to paste into a terminal. */
  | { readonly kind: 'copy'; readonly line: string }
  /** Goes on in the palette with this text. */
  | { readonly kind: 'fill'; readonly text: string }
  /** It cannot be done as it stands, and what is missing. */
  | { readonly kind: 'needs'; readonly text: string };

/** One REST call; never queued. */
export interface Call {
  readonly kind: 'call';
  readonly method: 'POST' | 'PATCH' | 'DELETE';
  /** After `/api/v1/`. */
  readonly path: string;
  readonly body?: unknown;
  /** What is then said: `Job j is cancelled.` */
  readonly done: string;
  /** Asked before something that cannot be taken back. */
  readonly asks?: string;
  /** Where the answer is looked at, by its id. */
  readonly opens?: (id: string) => string;
}
