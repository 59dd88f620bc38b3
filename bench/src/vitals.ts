/** What the browser says of a page's load and responses. */
export interface Vitals {
  /** Largest contentful paint. */
  readonly lcpMs: number;
  /** Cumulative layout shift of the worst session window of 5 s, gaps of 1 s (web.dev/cls); shifts within 500 ms of an input are not counted. */
  readonly cls: number;
  /** Longest interaction, from the event to the next paint; 0 when all were shorter than the browser reports. */
  readonly inpMs: number;
}

/** Runs in the page before its own scripts. */
export function installVitals(): void {
  let lcpMs = 0;
  let inpMs = 0;
  let cls = 0;
  let windowSum = 0;
  let windowStart = 0;
  let last = Number.NEGATIVE_INFINITY;
  const observe = (type: string, each: (entry: PerformanceEntry) => void, more: object = {}): void =>
    new PerformanceObserver((list) => list.getEntries().forEach(each)).observe({ type, buffered: true, ...more });
  observe('largest-contentful-paint', (entry) => {
    lcpMs = entry.startTime;
  });
  observe('layout-shift', (entry) => {
    const shift = entry as PerformanceEntry & { value: number; hadRecentInput: boolean };
    if (shift.hadRecentInput) return;
    if (shift.startTime - last > 1000 || shift.startTime - windowStart > 5000) {
      windowSum = 0;
      windowStart = shift.startTime;
    }
    last = shift.startTime;
    windowSum += shift.value;
    cls = Math.max(cls, windowSum);
  });
  observe(
    'event',
    (entry) => {
      if ((entry as PerformanceEntry & { interactionId?: number }).interactionId)
        inpMs = Math.max(inpMs, entry.duration);
    },
    { durationThreshold: 16 },
  );
  (window as unknown as { vitals: () => Vitals }).vitals = () => ({ lcpMs, cls, inpMs });
}
