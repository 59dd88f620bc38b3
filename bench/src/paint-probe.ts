/** What the page is told to remember: sent (sender's clock, ms), arrived and painted (page's clock, ms). */
export interface Painted {
  readonly event: string;
  readonly sentAtMs: number;
  readonly arrivedAtMs: number;
  readonly paintedAtMs: number;
}

export interface PaintProbe {
  /** Socket.IO events whose first argument says when it was sent (`sentAtMs`). */
  readonly events: readonly string[];
  /** What counts as drawing: clearing a canvas, or a change of the document. */
  readonly drawing: 'canvas' | 'document';
}

/**
 * Runs in the page before its own scripts. Sees each incoming Socket.IO frame before the page does, then the first
 * drawing after it, then the end of the animation frame that drawing belongs to: a message posted from an animation
 * frame is delivered after that frame was rendered.
 */
export function installPaintProbe({ events, drawing }: PaintProbe): void {
  type Waiting = Omit<Painted, 'paintedAtMs'>;
  const page = window as unknown as { painted: Painted[]; WebSocket: typeof WebSocket };
  page.painted = [];
  let arrived: Waiting[] = [];
  let drawn: Waiting[] = [];
  let inFrame = false;
  const afterFrame = new MessageChannel();
  afterFrame.port1.onmessage = () => {
    inFrame = false;
    const paintedAtMs = Date.now();
    for (const one of drawn) page.painted.push({ ...one, paintedAtMs });
    drawn = [];
  };
  const nextFrame = window.requestAnimationFrame.bind(window);
  const enter = (): void => {
    if (inFrame) return;
    inFrame = true;
    afterFrame.port2.postMessage(0);
  };
  window.requestAnimationFrame = (callback) =>
    nextFrame((time) => {
      enter();
      callback(time);
    });
  const draw = (): void => {
    if (arrived.length === 0) return;
    drawn.push(...arrived);
    arrived = [];
    if (!inFrame) nextFrame(enter);
  };
  if (drawing === 'document') {
    const everything = { subtree: true, childList: true, characterData: true, attributes: true };
    new MutationObserver(draw).observe(document, everything);
  } else {
    const clear = CanvasRenderingContext2D.prototype.clearRect;
    CanvasRenderingContext2D.prototype.clearRect = function (
      this: CanvasRenderingContext2D,
      ...area: Parameters<typeof clear>
    ): void {
      clear.apply(this, area);
      draw();
    };
  }
  const Native = window.WebSocket;
  page.WebSocket = class extends Native {
    constructor(...given: ConstructorParameters<typeof Native>) {
      super(...given);
      this.addEventListener('message', ({ data }) => {
        if (typeof data !== 'string') return;
        const event = events.find((name) => data.startsWith(`42["${name}",`));
        if (event === undefined) return;
        const [, { sentAtMs }] = JSON.parse(data.slice(2)) as [string, { sentAtMs?: number }];
        if (sentAtMs !== undefined) arrived.push({ event, sentAtMs, arrivedAtMs: Date.now() });
      });
    }
  };
}

/** What the page has remembered since the last time; runs in the page. */
export const takePainted = (): Painted[] => (window as unknown as { painted: Painted[] }).painted.splice(0);
