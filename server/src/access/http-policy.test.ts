import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import express from 'express';
import { emitted } from '../testing/emitted.js';
import { HostPolicy } from './host-policy.js';
import { httpPolicy } from './http-policy.js';

const withinMs = 30;

describe('time to send a request', () => {
  let server: Server;
  let port: number;
  beforeEach(async () => {
    const app = express();
    app.use(
      ...httpPolicy(
        new HostPolicy({ listen: '127.0.0.1', publicUrls: [], addresses: () => [], hostname: 'x' }),
        withinMs,
      ),
    );
    app.use((_request, response) => {
      setTimeout(() => response.end('late'), 3 * withinMs);
    });
    server = createServer(app).listen(0, '127.0.0.1');
    await emitted(server, 'listening');
    ({ port } = server.address() as AddressInfo);
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });
  const send = async (text: string): Promise<string> => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk.toString();
    });
    socket.on('error', () => undefined);
    socket.write(text);
    await emitted(socket, 'close');
    return answer;
  };

  it('[HTTP-12] a body that does not come is not waited for', async () => {
    expect(
      await send('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{'),
    ).toBe('');
  });

  it('[HTTP-12] an answer may take its time', async () => {
    for (const head of ['GET /', 'POST /']) {
      expect(await send(`${head} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)).toMatch(/late$/);
    }
  });
});
