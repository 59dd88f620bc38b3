/** What the page is told to remember: sent (agent's clock, ms), arrived and painted (page's clock, ms). */
export interface Painted {
  readonly sentAtMs: number;
  readonly arrivedAtMs: number;
  readonly paintedAtMs: number;
}

/**
 * Runs in the page before its own scripts. Sees each incoming Socket.IO `live` frame before the page does, then the
 * first drawing on a canvas after it, then the end of the animation frame that drawing belongs to: a message posted
 * from an animation frame is delivered after that frame was rendered.
 */
export function installPaintProbe(): void {
  interface Waiting {
    sentAtMs: number;
    arrivedAtMs: number;
  }
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
  const clear = CanvasRenderingContext2D.prototype.clearRect;
  CanvasRenderingContext2D.prototype.clearRect = function (
    this: CanvasRenderingContext2D,
    ...area: Parameters<typeof clear>
  ): void {
    clear.apply(this, area);
    if (arrived.length === 0) return;
    drawn.push(...arrived);
    arrived = [];
    if (!inFrame) nextFrame(enter);
  };
  const Native = window.WebSocket;
  page.WebSocket = class extends Native {
    constructor(...given: ConstructorParameters<typeof Native>) {
      super(...given);
      this.addEventListener('message', ({ data }) => {
        if (typeof data !== 'string' || !data.startsWith('42["live",')) return;
        const [, { sentAtMs }] = JSON.parse(data.slice(2)) as [string, { sentAtMs: number }];
        arrived.push({ sentAtMs, arrivedAtMs: Date.now() });
      });
    }
  };
}

/**
 * Runs in the page before its own scripts. Sees each incoming Socket.IO frame of an event whose first argument says when
 * the lab sent it, then the first change of the document after it, then the end of the animation frame that the change belongs to.
 */
export function installDomProbe(events: readonly string[]): void {
  interface Waiting {
    event: string;
    sentAtMs: number;
    arrivedAtMs: number;
  }
  const page = window as unknown as { painted: (Painted & { event: string })[]; WebSocket: typeof WebSocket };
  page.painted = [];
  let arrived: Waiting[] = [];
  let changed: Waiting[] = [];
  let inFrame = false;
  const afterFrame = new MessageChannel();
  afterFrame.port1.onmessage = () => {
    inFrame = false;
    const paintedAtMs = Date.now();
    for (const one of changed) page.painted.push({ ...one, paintedAtMs });
    changed = [];
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
  new MutationObserver(() => {
    if (arrived.length === 0) return;
    changed.push(...arrived);
    arrived = [];
    if (!inFrame) nextFrame(enter);
  }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
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
