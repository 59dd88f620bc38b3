import { createHash } from 'node:crypto';
import type { TensorPack } from '@hilltop/contracts';
import type { Host } from '../host.js';
import type { Statistic, StatisticRequest, TensorShape } from '../host-messages.js';

/**
 * A host that answers questions it was asked before from memory: quantizing one model in many ways asks for the same ranges again
 * and again. Only shapes and statistics of the same bytes and the same pack are remembered; all else is passed on.
 */
export function rememberingHost(host: Host): Host {
  const packs = new WeakMap<TensorPack, Map<string, Statistic>>();
  const shapes = new WeakMap<TensorPack, Map<string, TensorShape[]>>();
  const of = <T>(memory: WeakMap<TensorPack, Map<string, T>>, pack: TensorPack): Map<string, T> => {
    const known = memory.get(pack) ?? new Map<string, T>();
    memory.set(pack, known);
    return known;
  };
  return {
    capped: host.capped,
    platform: host.platform,
    optimize: (model, options, signal) => host.optimize(model, options, signal),
    inspect: (model, signal) => host.inspect(model, signal),
    outputs: (model, pack, signal) => host.outputs(model, pack, signal),
    evaluate: (model, pack, signal) => host.evaluate(model, pack, signal),
    async shapes(model, tensors, feed, signal) {
      if (!('pack' in feed)) return host.shapes(model, tensors, feed, signal);
      const known = of(shapes, feed.pack);
      const key = `${hashOf(model)} ${JSON.stringify(tensors)}`;
      const answer = known.get(key) ?? (await host.shapes(model, tensors, feed, signal));
      known.set(key, answer);
      return answer;
    },
    async statistics(model, pack, requests, signal) {
      const known = of(packs, pack);
      const hash = hashOf(model);
      const keyOf = (request: StatisticRequest): string => `${hash} ${JSON.stringify(request)}`;
      const keys = requests.map(keyOf);
      const missing = requests.filter((_, i) => !known.has(keys[i]!));
      const answers = missing.length === 0 ? [] : await host.statistics(model, pack, missing, signal);
      missing.forEach((request, i) => {
        known.set(keyOf(request), answers[i]!);
      });
      return keys.map((key) => known.get(key)!);
    },
    close: () => host.close(),
  };
}

const hashOf = (model: Uint8Array): string => createHash('sha256').update(model).digest('hex');
