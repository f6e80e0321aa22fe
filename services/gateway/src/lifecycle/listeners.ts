import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ListenerRole, UpgradeRouter } from '../socket/upgrade-router.js';

const roles: readonly ListenerRole[] = [8080, 8081, 8000];
const REQUEST_TIMEOUT_MS = 30_000;
/** Node looks for late requests only this often; its own 30 s would make any shorter deadline untrue. */
const LOOK_EVERY_MS = 500;

export interface ListenerLimits {
  /** How long a client may take to say what it wants, from the first byte to the last of its headers. */
  readonly headersMs?: number;
  /** Sockets of one port, whatever they are used for; beyond it the system closes new ones before a byte is read. */
  readonly sockets?: number;
}

/** The three ports for clients. All serve the same; only plain `/ws` depends on which. */
export class Listeners {
  private readonly servers: readonly { readonly role: ListenerRole; readonly server: Server }[];
  private underWay = 0;

  constructor(handler: RequestListener, router: UpgradeRouter, { headersMs = 10_000, sockets }: ListenerLimits = {}) {
    const limits = {
      headersTimeout: headersMs,
      requestTimeout: Math.max(headersMs, REQUEST_TIMEOUT_MS),
      connectionsCheckingInterval: LOOK_EVERY_MS,
    };
    this.servers = roles.map((role) => {
      const server = createServer(limits, handler);
      if (sockets !== undefined) server.maxConnections = sockets;
      server.on('request', (_request, response) => {
        this.count(response);
      });
      router.listenOn(server, role);
      return { role, server };
    });
  }

  /** Rejects with one line when a port can't be had. Returns the real ports, in the order of the roles. */
  async listen(ports: readonly number[], host: string): Promise<number[]> {
    const bound: number[] = [];
    for (const [index, { server, role }] of this.servers.entries()) {
      bound.push(await listenOn(server, ports[index] ?? role, host));
    }
    return bound;
  }

  /** Takes no more; resolves when the requests under way have been answered. Upgraded sockets are not its business. */
  async close(): Promise<void> {
    for (const { server } of this.servers) {
      server.close();
      server.closeIdleConnections();
    }
    while (this.underWay > 0) await sleep(20);
  }

  private count(response: ServerResponse): void {
    this.underWay += 1;
    response.once('close', () => {
      this.underWay -= 1;
    });
  }
}

function listenOn(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'is in use' : `can't be listened on: ${error.message}`;
      reject(new Error(`port ${String(port)} on ${host} ${why}`));
    });
    server.listen(port, host, () => {
      const address: AddressInfo | string | null = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}
