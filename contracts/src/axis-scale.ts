/** An axis: values to pixels and back. */
export interface AxisScale {
  readonly kind: 'log' | 'linear';
  readonly domain: readonly [number, number];
  /** Pixel of a value; values outside the domain land outside the range. */
  at(value: number): number;
  valueAt(pixel: number): number;
  ticks(wanted: number): number[];
}

/** `range` = pixels of the domain's ends. A log domain must be positive. */
export function makeScale(
  kind: AxisScale['kind'],
  domain: readonly [number, number],
  range: readonly [number, number],
): AxisScale {
  const map = kind === 'log' ? Math.log : (v: number) => v;
  const unmap = kind === 'log' ? Math.exp : (v: number) => v;
  const low = map(domain[0]);
  const span = map(domain[1]) - low || 1;
  const [from, to] = range;
  return {
    kind,
    domain,
    at: (value) => from + ((map(value) - low) / span) * (to - from),
    valueAt: (pixel) => unmap(low + ((pixel - from) / (to - from)) * span),
    ticks: (wanted) => (kind === 'log' ? logTicks(domain, wanted) : linearTicks(domain, wanted)),
  };
}

/** The domain that shows all values with room around them; `bounds` are never passed. Undefined without values. */
export function domainOf(
  kind: AxisScale['kind'],
  values: readonly number[],
  bounds: readonly [number, number] = [-Infinity, Infinity],
): [number, number] | undefined {
  const usable = kind === 'log' ? values.filter((v) => v > 0) : values.filter(Number.isFinite);
  if (usable.length === 0) return undefined;
  let low = Math.min(...usable);
  let high = Math.max(...usable);
  if (kind === 'log') {
    if (high / low < 1.2) {
      const middle = Math.sqrt(low * high);
      low = middle / 1.1;
      high = middle * 1.1;
    }
    const room = (high / low) ** 0.08;
    return [low / room, high * room];
  }
  if (high - low < 1e-9) {
    const half = Math.abs(high) * 0.05 || 0.5;
    low -= half;
    high += half;
  }
  const room = (high - low) * 0.08;
  return [Math.max(low - room, Math.min(low, bounds[0])), Math.min(high + room, Math.max(high, bounds[1]))];
}

/** 1-2-5 steps, about so many. */
export function linearTicks([low, high]: readonly [number, number], wanted: number): number[] {
  const rough = (high - low) / Math.max(1, wanted);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((m) => m * power >= rough * 0.999) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** 1-2-5 in each decade, thinned to whole decades when there are many, plain steps when the domain is narrow. */
export function logTicks(domain: readonly [number, number], wanted: number): number[] {
  const [low, high] = domain;
  for (const mantissas of [[1, 2, 5], [1, 3], [1]]) {
    const ticks: number[] = [];
    for (let e = Math.floor(Math.log10(low)); e <= Math.ceil(Math.log10(high)); e++) {
      for (const m of mantissas) {
        const tick = Number((m * 10 ** e).toPrecision(12));
        if (tick >= low && tick <= high) ticks.push(tick);
      }
    }
    if (ticks.length < 3 && mantissas.length === 3)
      return linearTicks(domain, Math.max(3, wanted - 2)).filter((t) => t > 0);
    if (ticks.length <= wanted + 2) return ticks;
    if (mantissas.length === 1) return ticks.filter((_, i) => i % Math.ceil(ticks.length / wanted) === 0);
  }
  return [];
}
