import type { Server } from 'node:net';
import { LabError } from '@hilltop/contracts';

export interface PortRequest {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** `given`: exactly this one. `next-free`: the next free one when it is taken. */
  readonly choice: 'given' | 'next-free';
  /** The option that names another port, for the remedy. */
  readonly option: string;
}

/** How far `next-free` looks. */
const attempts = 50;

/** Listens and answers the port. Throws `lab.port-taken`. */
export async function listenOnPort(server: Server, request: PortRequest): Promise<number> {
  const last =
    request.choice === 'given' || request.port === 0 ? request.port : Math.min(65_535, request.port + attempts);
  for (let port = request.port; port <= last; port++) {
    try {
      return await listen(server, request.host, port);
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error) || (error.code !== 'EADDRINUSE' && error.code !== 'EACCES'))
        throw error;
    }
  }
  throw new LabError(
    'lab.port-taken',
    `port ${request.port} on ${request.host} is taken or not allowed; stop what uses it, or choose another with ${request.option}`,
    { host: request.host, port: request.port },
  );
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error) => {
      server.off('listening', listening);
      reject(error);
    };
    const listening = () => {
      server.off('error', failed);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    };
    server.once('error', failed);
    server.once('listening', listening);
    server.listen({ host, port });
  });
}
