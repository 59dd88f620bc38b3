import { connect, createServer, type Server, type Socket } from 'node:net';

/** A TCP proxy that can cut every connection, refuse new ones and let them through again. */
export class TcpProxy {
  bytes = 0;
  private readonly pairs = new Set<Socket>();
  private open = true;
  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async to(target: string): Promise<TcpProxy> {
    const { hostname, port } = new URL(target);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const proxy = new TcpProxy(server, `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`);
    server.on('connection', (near) => {
      if (!proxy.open) {
        near.destroy();
        return;
      }
      const far = connect(Number(port), hostname);
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        proxy.pairs.add(from);
        from.on('data', (chunk) => {
          proxy.bytes += chunk.length;
          proxy.onBytes?.(proxy.bytes);
        });
        from.pipe(to);
        from.on('error', () => to.destroy());
        from.on('close', () => {
          proxy.pairs.delete(from);
          to.destroy();
        });
      }
    });
    return proxy;
  }

  onBytes: ((total: number) => void) | undefined;

  cut(): void {
    this.open = false;
    for (const socket of this.pairs) socket.destroy();
  }
  heal(): void {
    this.open = true;
  }
  async close(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }
}
