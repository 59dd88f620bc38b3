import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { absent } from './absent.js';
import { writeAtomic } from './write-atomic.js';

const Stored = z.record(z.string(), z.number().int().min(1));

/**
 * Highest fence seen per device, durable: the agent is the only door to its devices, and lets no start through
 * that is not newer than every one before, whatever the coordinator believes.
 */
export class Fences {
  private constructor(
    private readonly path: string,
    private readonly highest: Map<string, number>,
  ) {}

  static async open(path: string): Promise<Fences> {
    const text = await readFile(path, 'utf8').catch(absent);
    return new Fences(path, new Map(Object.entries(text === undefined ? {} : Stored.parse(JSON.parse(text)))));
  }

  /** Takes a fence; false when it is not higher than the highest. Durable before it returns true; one call at a time. */
  async raise(deviceId: string, fence: number): Promise<boolean> {
    if (fence <= (this.highest.get(deviceId) ?? 0)) return false;
    await writeAtomic(this.path, JSON.stringify({ ...this.all(), [deviceId]: fence }));
    // Told to the lab from now on, when the one who raised it is about to hold the run.
    this.highest.set(deviceId, fence);
    return true;
  }

  all(): Record<string, number> {
    return Object.fromEntries(this.highest);
  }
}
