import { readPlan } from './plan-format.js';

/**
 * A plan as a C file: one array, 16-byte aligned as the interpreter wants it, and what a program has to set aside for it.
 * `name` becomes the prefix of its symbols. Throws `artifact.corrupt`.
 */
export function planToC(plan: Uint8Array, name = 'hilltop_model'): string {
  const facts = readPlan(plan);
  const symbol = name.replace(/\W/g, '_').replace(/^(?=\d)/, '_');
  const shapes = (borders: typeof facts.inputs): string =>
    borders
      .map(({ dims, type, layout, scale, zeroPoint }) => {
        const order = layout === 'channels-last' ? ' (channels last in memory)' : '';
        return `${type} [${dims.join(', ')}]${order}${type === 'int8' ? `, real = (q - ${zeroPoint}) * ${scale}` : ''}`;
      })
      .join('; ');
  const lines: string[] = [];
  for (let at = 0; at < plan.length; at += 16)
    lines.push(
      `  ${[...plan.subarray(at, at + 16)].map((byte) => `0x${byte.toString(16).padStart(2, '0')}`).join(', ')},`,
    );
  return `/*
 * Plan made by Hilltop; run it with firmware/core (ht_plan).
 * Input: ${shapes(facts.inputs)}
 * Output: ${shapes(facts.outputs)}
 * ${facts.macs} multiply-accumulates.
 */
#include <stdalign.h>
#include <stdint.h>

#define ${symbol.toUpperCase()}_BYTES ${facts.bytes}u
/* Set aside so many bytes, 16-byte aligned. */
#define ${symbol.toUpperCase()}_ARENA_BYTES ${facts.arenaBytes}u

alignas(16) const uint8_t ${symbol}[${facts.bytes}] = {
${lines.join('\n')}
};
`;
}
