/** A typed announcement inside the process: who announces does not know who listens. */
export class Signal<T> {
  readonly #listeners = new Set<(value: T) => void>();

  /** `listener` must not throw; call the answer to stop listening. */
  listen(listener: (value: T) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(value: T): void {
    for (const listener of this.#listeners) listener(value);
  }
}
