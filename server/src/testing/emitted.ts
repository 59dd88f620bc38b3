/** Anything that emits, also emitters with typed events. */
interface Emitter {
  once(event: string, listener: (...values: unknown[]) => void): unknown;
}

/** The values of the next `event`; unlike `events.once` an `error` in between is not a failure. */
export function emitted(emitter: Emitter, event: string): Promise<unknown[]> {
  return new Promise((resolve) => {
    emitter.once(event, (...values) => resolve(values));
  });
}
