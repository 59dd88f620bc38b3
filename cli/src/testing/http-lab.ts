import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type LabError, problemOf } from '@hilltop/contracts';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export type Answer = { readonly status?: number; readonly json: unknown } | LabError | 'cut';

export interface HttpLab {
  readonly url: string;
  readonly received: Received[];
  close(): Promise<void>;
}

/** A real HTTP server that answers as a test says; `cut` drops the connection without an answer. */
export async function startHttpLab(answer: (request: Received, count: number) => Answer): Promise<HttpLab> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    void read(request).then((seen) => {
      received.push(seen);
      reply(response, answer(seen, received.length));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function read(request: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const url = new URL(request.url ?? '/', 'http://lab');
  return {
    method: request.method ?? '',
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
    body: Buffer.concat(chunks),
  };
}

function reply(response: ServerResponse, answer: Answer): void {
  if (answer === 'cut') return void response.destroy();
  const [status, type, body] =
    answer instanceof Error
      ? ([answer.status, 'application/problem+json', problemOf(answer)] as const)
      : ([answer.status ?? 200, 'application/json', answer.json] as const);
  response.writeHead(status, { 'content-type': type });
  response.end(JSON.stringify(body));
}
