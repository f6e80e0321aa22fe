import { dialects, type Compression, type Dialect, type Endpoint } from '@parley/dialects';
import { errorCodes, type AppError } from '@parley/contracts';
import { addressKey } from '@parley/service';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocketServer } from 'ws';
import { handshakeRefused } from '../gateway.metrics.js';
import type { Admission, Seat } from './admission.js';
import { addressOf } from './credentials.js';

/** For a client that does not even read its refusal. */
const LINGER_MS = 2_000;

/** The three ports that the documents print, whatever they are mapped to. */
export type ListenerRole = 8080 | 8081 | 8000;

/** One way in: a dialect at a path, perhaps on one listener only. Its key is unique; two endpoints may share a path. */
export interface Entrance {
  readonly key: string;
  readonly dialect: Dialect;
  readonly endpoint: Endpoint;
}

export const entrances: readonly Entrance[] = dialects.flatMap((dialect) =>
  dialect.endpoints.map((endpoint) => ({ key: `${dialect.name}${endpoint.path}`, dialect, endpoint })),
);

/** Admitted upgrades, so that whoever handles the socket finds its seat and address. */
export interface Admitted {
  readonly seat: Seat;
  readonly address: string;
}

/** Decides over every upgrade of every listener: does the path exist, is there room, then hands it to the entrance's server. */
export class UpgradeRouter {
  private readonly servers = new Map<string, WebSocketServer>();
  private readonly admitted = new WeakMap<IncomingMessage, Admitted>();

  constructor(
    private readonly admission: Admission,
    private readonly trustedProxies: number,
    private readonly doors: readonly Entrance[] = entrances,
  ) {}

  register(key: string, server: WebSocketServer): void {
    this.servers.set(key, server);
  }

  compressionOf(key: string): Compression | undefined {
    return this.doors.find((door) => door.key === key)?.dialect.compression;
  }

  listenOn(http: Server, role: ListenerRole): void {
    http.on('upgrade', (request, socket, head) => {
      this.upgrade(role, request, socket, head);
    });
  }

  /** Once per request. */
  take(request: IncomingMessage): Admitted | undefined {
    const admitted = this.admitted.get(request);
    this.admitted.delete(request);
    return admitted;
  }

  private upgrade(role: ListenerRole, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Until the library takes over, an error on the socket has no other listener.
    const ignore = () => socket.destroy();
    socket.on('error', ignore);
    const server = this.serverFor(role, pathOf(request));
    if (server === undefined) {
      refuse(socket, 404, 'Not Found');
      handshakeRefused('unknown_path');
      return;
    }
    const address = addressOf(request, this.trustedProxies);
    const entered = this.admission.enter(addressKey(address));
    if (!entered.ok) {
      handshakeRefused(entered.error.code);
      refuseWith(socket, entered.error);
      return;
    }
    const seat = entered.value;
    this.admitted.set(request, { seat, address });
    freeWhenClosed(socket, seat);
    server.handleUpgrade(request, socket, head, (ws) => {
      socket.off('error', ignore);
      server.emit('connection', ws, request);
    });
  }

  private serverFor(role: ListenerRole, path: string): WebSocketServer | undefined {
    const here = this.doors.filter(({ endpoint }) => endpoint.path === path);
    const entrance =
      here.find(({ endpoint }) => endpoint.listener === role) ??
      here.find(({ endpoint }) => endpoint.listener === undefined);
    return entrance === undefined ? undefined : this.servers.get(entrance.key);
  }
}

/** By itself, since a closure in `upgrade` would keep the request, headers and token included, as long as the socket. */
function freeWhenClosed(socket: Duplex, seat: Seat): void {
  socket.once('close', () => {
    seat.free();
  });
}

function pathOf(request: IncomingMessage): string {
  const url = request.url ?? '/';
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
}

function refuseWith(socket: Duplex, error: AppError): void {
  const { status } = errorCodes[error.code];
  const wait = Math.ceil((error.retryAfterMs ?? 1_000) / 1_000);
  if (error.code === 'limit_exceeded') refuse(socket, status, 'Too Many Requests');
  else refuse(socket, 503, 'Service Unavailable', `Retry-After: ${String(wait)}\r\n`);
}

/**
 * Ended by us, whatever the other side does: HTTP sockets may stay half open, nobody counts this one, and the timeouts of
 * HTTP have let go of it with the upgrade.
 */
function refuse(socket: Duplex, status: number, reason: string, headers = ''): void {
  const lingering = setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.once('close', () => {
    clearTimeout(lingering);
  });
  socket.once('finish', () => {
    socket.destroy();
  });
  socket.end(`HTTP/1.1 ${String(status)} ${reason}\r\n${headers}Connection: close\r\nContent-Length: 0\r\n\r\n`);
}
