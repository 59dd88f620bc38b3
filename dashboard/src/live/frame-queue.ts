import { createStore } from 'zustand/vanilla';

/** What a queue needs of the browser. */
export interface FramePorts {
  readonly requestFrame: (callback: () => void) => void;
  readonly setTimer: (callback: () => void, milliseconds: number) => void;
  /** Frames do not come in a hidden tab. */
  readonly isHidden: () => boolean;
}

/** How often a quiet or hidden page takes in what happened. */
export const slowMs = 1000;

/**
 * Brings bursts down to one flush per animation frame; to one a second while the page is hidden, or quiet
 * because a run is measured on this very machine.
 */
export class FrameQueue {
  private readonly flushes = new Set<() => void>();
  private scheduled = 0;
  private quiet = false;
  /** The viewer stopped all live drawing (WCAG 2.2.2); what arrives waits. */
  readonly paused = createStore<{ readonly active: boolean }>(() => ({ active: false }));

  constructor(private readonly ports: FramePorts) {}

  /** Runs `flush` once at the next turn, however often it is asked for. */
  request(flush: () => void): void {
    this.flushes.add(flush);
    if (this.scheduled === 0 && !this.paused.getState().active) this.schedule();
  }

  setQuiet(active: boolean): void {
    this.quiet = active;
  }

  /** Going on draws at once what waited. */
  setPaused(active: boolean): void {
    this.paused.setState({ active });
    if (active) this.scheduled = 0;
    else this.flush();
  }

  get isQuiet(): boolean {
    return this.quiet;
  }

  /** At once: the tab became visible or hidden while a frame was awaited. */
  flush(): void {
    this.scheduled = 0;
    const due = [...this.flushes];
    this.flushes.clear();
    for (const flush of due) flush();
  }

  private schedule(): void {
    // A turn that was overtaken by `flush()` must not run again.
    const turn = ++turns;
    this.scheduled = turn;
    const run = (): void => {
      if (this.scheduled === turn) this.flush();
    };
    if (this.quiet || this.ports.isHidden()) this.ports.setTimer(run, slowMs);
    else this.ports.requestFrame(run);
  }
}

let turns = 0;
