import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Results as they come, by key: a recording that was cut goes on where it was. */
export class PointLog<T> {
  private readonly known = new Map<string, T>();

  constructor(private readonly path: string) {
    mkdirSync(dirname(path), { recursive: true });
    if (!existsSync(path)) return;
    for (const line of readFileSync(path, 'utf8').split('\n')) {
      // The last line may be cut.
      if (!line.endsWith('}')) continue;
      const { key, value } = JSON.parse(line) as { key: string; value: T };
      this.known.set(key, value);
    }
  }

  /** What is there, else what `take` gives, which is then there. */
  async of(key: string, take: () => Promise<T>): Promise<T> {
    const there = this.known.get(key);
    if (there !== undefined) return there;
    const value = await take();
    this.known.set(key, value);
    appendFileSync(this.path, `\n${JSON.stringify({ key, value })}`);
    return value;
  }
}
