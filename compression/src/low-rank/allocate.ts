import type { Layer } from '../layers.js';
import type { Split, SplitForm } from './splits.js';

/** One way of splitting a layer at one rank. */
export interface Choice {
  readonly form: SplitForm;
  readonly rank: number;
  /** The highest rank there is. */
  readonly full: number;
  /** Share of the layer's weights and of its operations that is saved, whichever is less. */
  readonly saving: number;
  /** Weights of the two layers. */
  readonly size: number;
  /** Share of the energy that is lost. */
  readonly loss: number;
}

/** Choices for a layer of `size` weights. */
export interface LayerChoices {
  readonly size: number;
  readonly choices: readonly Choice[];
}

/** What is wanted of all layers together. */
export type Target =
  /** Energy to keep, averaged over the layers. */
  | { readonly by: 'energy'; readonly energy: number }
  /** Weights left, as a share of those of all layers. */
  | { readonly by: 'ratio'; readonly ratio: number }
  /** The rank of every layer. */
  | { readonly by: 'rank'; readonly rank: number };

/** All choices for a layer that save at least a share of it. */
export function choicesOf(layer: Layer, splits: readonly Split[], minSaving: number): LayerChoices {
  const size = layer.outputs * layer.columns;
  const choices = splits.flatMap((split): Choice[] => {
    const energies = split.energies();
    const all = energies.reduce((sum, e) => sum + e, 0);
    let left = all;
    return [...energies].map((energy, i) => {
      left -= energy;
      const rank = i + 1;
      return {
        form: split.form,
        rank,
        full: energies.length,
        saving: 1 - (rank * Math.max(split.parametersPerRank, split.macsPerRank)) / size,
        size: rank * split.parametersPerRank,
        loss: Math.max(0, left / all),
      };
    });
  });
  return { size, choices: choices.filter((choice) => choice.saving >= minSaving) };
}

/**
 * What to do with each layer: a choice, or undefined to leave it whole. By energy and by ratio the loss and the size of all layers are
 * traded at one price, so that the layers that matter most, or have little to save, keep most.
 */
export function allocate(layers: readonly LayerChoices[], target: Target): (Choice | undefined)[] {
  if (target.by === 'rank')
    return layers.map(({ choices }) => {
      const fitting = choices.filter((c) => c.rank === target.rank);
      return [...fitting].sort((a, b) => a.loss - b.loss)[0];
    });
  const total = layers.reduce((sum, { size }) => sum + size, 0);
  const at = (price: number): (Choice | undefined)[] =>
    layers.map(({ size, choices }) => {
      let best: Choice | undefined;
      let least = price * (size / total);
      for (const choice of choices) {
        const cost = choice.loss + price * (choice.size / total);
        if (cost < least) [best, least] = [choice, cost];
      }
      return best;
    });
  // At a higher price more is given up: whether that is too much by energy, or enough by ratio.
  const beyond = (chosen: readonly (Choice | undefined)[]): boolean =>
    target.by === 'energy'
      ? chosen.reduce((sum, c) => sum + (c?.loss ?? 0), 0) > (1 - target.energy) * layers.length
      : chosen.reduce((sum, c, i) => sum + (c?.size ?? layers[i]!.size), 0) <= target.ratio * total;
  // The price that a share of all weights has in lost energy, by bisection; the ends are free and beyond any loss.
  let [low, high] = [1e-6, 1e6];
  for (let step = 0; step < 60; step++) {
    const middle = Math.sqrt(low * high);
    if (beyond(at(middle))) high = middle;
    else low = middle;
  }
  // By energy the last that did not lose too much; by ratio the first that was small enough.
  return at(target.by === 'energy' ? low : high);
}
