import { createStore } from 'zustand/vanilla';

/** What the page last said of something a person did; `turn` tells two alike apart. */
export const said = createStore<{ readonly text?: string | undefined; readonly turn: number }>(() => ({ turn: 0 }));

/** Says a sentence at the edge of the page for a while. */
export function say(text: string | undefined): void {
  said.setState({ text, turn: said.getState().turn + 1 });
}
