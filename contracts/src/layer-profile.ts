import * as z from 'zod';

/** Where the time of an inference goes: one layer as the runtime executes it, fused with its neighbours or not. */
export const LayerProfile = z.object({
  /** Of the runtime's own graph; after fusion it may not be the model's. */
  name: z.string().max(500),
  op: z.string().max(100),
  /** Who executed it: `cpu`, `cuda` ... */
  provider: z.string().max(60).optional(),
  /** Mean of one inference, ms, over `inferences`. */
  meanMs: z.number().min(0),
  inferences: z.number().int().min(1),
});
export type LayerProfile = z.infer<typeof LayerProfile>;

/** Most layers of a profile; the rest is summed into one named `others`. */
export const profileLimit = 500;

/** A profile as it is observed: JSON, UTF-8. */
export function encodeProfile(layers: readonly LayerProfile[]): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(layers));
}

/** The layers in the bytes of a profile; none where they are not one. */
export function decodeProfile(bytes: Uint8Array): LayerProfile[] {
  try {
    const parsed = z
      .array(LayerProfile)
      .max(profileLimit)
      .safeParse(JSON.parse(new TextDecoder().decode(bytes)));
    return parsed.success ? parsed.data : [];
  } catch {
    return [];
  }
}

/** What `GET /api/v1/runs/:id/observations?kind=profile` answers: one row a layer, in the order of execution. */
export const ProfileColumns = z.object({
  rows: z.number().int(),
  columns: z.object({
    name: z.array(z.string()),
    op: z.array(z.string()),
    provider: z.array(z.string().nullable()),
    mean_ms: z.array(z.number()),
    inferences: z.array(z.number()),
  }),
});
export type ProfileColumns = z.infer<typeof ProfileColumns>;

/** Layers as columns. */
export function profileColumns(layers: readonly LayerProfile[]): ProfileColumns {
  return {
    rows: layers.length,
    columns: {
      name: layers.map(({ name }) => name),
      op: layers.map(({ op }) => op),
      provider: layers.map(({ provider }) => provider ?? null),
      mean_ms: layers.map(({ meanMs }) => meanMs),
      inferences: layers.map(({ inferences }) => inferences),
    },
  };
}

/** One layer with its part of the whole. */
export interface ProfiledLayer extends LayerProfile {
  /** Place in the order of execution, from 1. */
  readonly step: number;
  /** Of the time of all layers, 0..1. */
  readonly share: number;
}

/** Where the time of an inference goes, layer by layer, in the order of execution. */
export function profiledLayers({ columns }: ProfileColumns): ProfiledLayer[] {
  const all = columns.mean_ms.reduce((sum, each) => sum + each, 0);
  return columns.name.map((name, i) => {
    const [meanMs, provider] = [columns.mean_ms[i]!, columns.provider[i]];
    return {
      step: i + 1,
      name,
      op: columns.op[i]!,
      ...(typeof provider === 'string' && { provider }),
      meanMs,
      inferences: columns.inferences[i]!,
      share: all > 0 ? meanMs / all : 0,
    };
  });
}
