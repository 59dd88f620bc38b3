import type { TestLab } from '../../test/support/lab.js';

/** What the coordinator says about itself, Prometheus text. */
export const scrape = async (lab: TestLab): Promise<string> => (await lab.raw('GET', '/metrics')).text();

/** A sample by its full name with labels; NaN when it is not there. */
export function sample(text: string, name: string): number {
  const line = text.split('\n').find((l) => l.startsWith(`${name} `));
  return line === undefined ? Number.NaN : Number(line.slice(name.length + 1));
}
