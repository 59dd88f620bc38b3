import { createServer } from 'node:http';
import type { Page } from 'playwright-core';
import { type WebSocket, WebSocketServer } from 'ws';

/** A page that does nothing with a message but draw at the next frame: a rectangle, and the number of messages. */
const document = `<!doctype html><title>bare</title><p>0</p><canvas width="1000" height="220"></canvas><script>
let count = 0;
const line = document.querySelector('p');
const context = document.querySelector('canvas').getContext('2d');
new WebSocket('ws://' + location.host).addEventListener('message', () => requestAnimationFrame(() => {
  line.textContent = String(++count);
  context.clearRect(0, 0, 1000, 220);
  context.fillRect(Math.random() * 900, 0, 100, 220);
}));
</script>`;

export interface BarePage {
  /** Sends a Socket.IO frame as the lab would, to every open page. */
  readonly say: (event: string, argument: unknown) => void;
  readonly close: () => void;
}

/** The floor: the same message from here straight to a page without anything. Resolves when the page is connected. */
export async function openBarePage(page: Page): Promise<BarePage> {
  const sockets = new Set<WebSocket>();
  const server = createServer((_request, response) => response.setHeader('content-type', 'text/html').end(document));
  const connected = new Promise<void>((resolve) => {
    new WebSocketServer({ server }).on('connection', (socket) => {
      sockets.add(socket);
      resolve();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await page.goto(`http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/`);
  await connected;
  return {
    say: (event, argument) => {
      const frame = `42${JSON.stringify([event, argument])}`;
      for (const socket of sockets) socket.send(frame);
    },
    close: () => {
      for (const socket of sockets) socket.terminate();
      server.close();
    },
  };
}
