import type { ConsoleDocument } from '@hilltop/contracts';

export type ConsoleTailText = Pick<ConsoleDocument, 'text' | 'dropped'>;

/** Characters kept; what is older is counted. As much as an agent journals of a run. */
export const keptCharacters = 65_536;

/** The end of a text that never ends. */
export class ConsoleTail {
  #parts: string[] = [];
  #length = 0;
  #dropped = 0;

  constructor(private readonly kept = keptCharacters) {}

  /** `dropped`: characters that were lost before the text. */
  append(text: string, dropped = 0): void {
    this.#dropped += dropped;
    this.#parts.push(text);
    this.#length += text.length;
    // In large steps: joining at each message would copy the whole text each time.
    if (this.#length > 2 * this.kept) this.#trim();
  }

  document(): ConsoleTailText {
    this.#trim();
    return { text: this.#parts.join(''), dropped: this.#dropped };
  }

  #trim(): void {
    const text = this.#parts.join('');
    const from = Math.max(0, text.length - this.kept);
    this.#dropped += from;
    this.#parts = [text.slice(from)];
    this.#length = text.length - from;
  }
}
