/** Who is asked for chunks: a publisher behind the bare broker, or the broker's own process. */
export type BareSource = 'publisher' | 'broker';

export const bareTopics = {
  ask: { publisher: 'bare/ask/publisher', broker: 'bare/ask/broker' } satisfies Record<BareSource, string>,
  chunk: 'bare/chunk',
} as const;

/** How many chunks to send. */
export interface BareAsk {
  readonly count: number;
}
