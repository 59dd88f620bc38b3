import { LabError } from '@hilltop/contracts';
import type { INestApplicationContext } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import type { HostPolicy } from '../access/host-policy.js';

// The adapter brings a Socket.IO of its own version; these are its types.
type Server = ReturnType<IoAdapter['createIOServer']>;
type Options = NonNullable<Parameters<IoAdapter['createIOServer']>[1]>;

/** Browsers do not apply CORS to WebSocket, so Host and Origin are checked here; a slow tab must not cost memory. */
export class SocketAdapter extends IoAdapter {
  constructor(
    app: INestApplicationContext,
    private readonly hosts: HostPolicy,
  ) {
    super(app);
  }

  override createIOServer(port: number, options?: Options): Server {
    const ours: Partial<Options> = {
      serveClient: false,
      maxHttpBufferSize: 64_000,
      pingInterval: 15_000,
      pingTimeout: 20_000,
      perMessageDeflate: false,
      // The upgrade of /mqtt on the same port is not Socket.IO's to destroy.
      destroyUpgrade: false,
      allowRequest: (request, callback) => {
        try {
          this.hosts.checkHost(request.headers.host);
          this.hosts.checkOrigin(request.headers.origin, request.headers.host);
          callback(undefined, true);
        } catch (error) {
          if (!(error instanceof LabError)) throw error;
          callback(error.code, false);
        }
      },
    };
    return super.createIOServer(port, { ...options, ...ours } as Options);
  }
}
