import { freePort } from '@parley/testing';
import { connect, createServer, type Socket } from 'node:net';
import { once } from 'node:events';

/** A TCP road to a server on this machine that can be cut for whoever takes it, while others reach the server. */
export interface CuttableLink {
  readonly port: number;
  /** Ends what is open, refuses what comes. */
  cut(): void;
  mend(): void;
  close(): Promise<void>;
}

export async function cuttableLink(target: number): Promise<CuttableLink> {
  const port = await freePort();
  const open = new Set<Socket>();
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
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const endAll = (): void => {
    for (const socket of open) socket.destroy();
  };
  return {
    port,
    cut() {
      whole = false;
      endAll();
    },
    mend() {
      whole = true;
    },
    async close() {
      server.close();
      endAll();
      await once(server, 'close');
    },
  };
}
