import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A TCP road to a server on this machine: it can be cut, mended, and led to another server, as a load balancer does. */
export interface Road {
  readonly port: number;
  cut(): void;
  mend(): void;
  leadTo(port: number): void;
  close(): Promise<void>;
}

export async function road(port: number): Promise<Road> {
  const open = new Set<Socket>();
  let target = port;
  let whole = true;
  const server = createServer((client) => {
    if (!whole) {
      client.destroy();
      return;
    }
    const upstream = connect(target, '127.0.0.1');
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(from);
      from.setNoDelay(true);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.once('close', () => {
        open.delete(from);
        to.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const endAll = (): void => {
    for (const socket of open) socket.destroy();
  };
  return {
    port: address.port,
    cut() {
      whole = false;
      endAll();
    },
    mend() {
      whole = true;
    },
    leadTo(next) {
      target = next;
      endAll();
    },
    async close() {
      server.close();
      endAll();
      await once(server, 'close');
    },
  };
}
