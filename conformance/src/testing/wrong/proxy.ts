import { createServer, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer, type RawData } from 'ws';
import { at } from '../../match.js';
import type { Fault, Line, Raw } from './fault.js';

const MOST_BYTES = 64 * 1_024 * 1_024;
const CODES_NOBODY_MAY_SEND = new Set([1004, 1005, 1006, 1015]);

export interface Proxy {
  /** `ws://127.0.0.1:…` */
  readonly origin: string;
  stop(): void;
}

/** A server that is as wrong as the fault says, and otherwise the one behind it. */
export async function startProxy(target: string, fault: Fault): Promise<Proxy> {
  const http = createServer();
  const sockets = new Set<Duplex>();
  const negotiated = fault.deflate === false ? false : { serverNoContextTakeover: true, threshold: 1_024 };
  http.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  });
  http.on('upgrade', (request, socket, head) => {
    const url = new URL(request.url ?? '/', target);
    if (fault.refuses?.(url.pathname) === true) {
      refuse(socket, 404);
      return;
    }
    const upstream = connectTo(url, request, fault);
    const early: (() => void)[] = [];
    upstream.on('message', (data, binary) => early.push(() => upstream.emit('passed', data, binary)));
    upstream.once('unexpected-response', (_, response) => {
      response.resume();
      upstream.terminate();
      refuse(socket, response.statusCode ?? 500);
    });
    upstream.on('error', () => undefined);
    upstream.once('open', () => {
      const server = new WebSocketServer({
        noServer: true,
        maxPayload: MOST_BYTES,
        perMessageDeflate: negotiated,
        handleProtocols: () => upstream.protocol || false,
        autoPong: true,
      });
      server.handleUpgrade(request, socket, head, (client) => {
        join(client, upstream, { fault, path: url.pathname });
        for (const pass of early.splice(0)) pass();
        upstream.removeAllListeners('message');
        upstream.on('message', (data, binary) => upstream.emit('passed', data, binary));
      });
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const port = at(http.address(), 'port');
  if (typeof port !== 'number') throw new Error('the proxy has no port');
  return {
    origin: `ws://127.0.0.1:${String(port)}`,
    stop() {
      http.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function connectTo(url: URL, request: IncomingMessage, { blindTo = [], without = [] }: Fault): WebSocket {
  for (const name of blindTo) url.searchParams.delete(name);
  const { authorization, 'sec-websocket-protocol': protocols = '' } = request.headers;
  const offered = without.includes('sec-websocket-protocol') ? [] : protocols.split(',').map((one) => one.trim());
  return new WebSocket(
    url,
    offered.filter((one) => one !== ''),
    {
      headers: authorization === undefined || without.includes('authorization') ? {} : { authorization },
      autoPong: false,
      perMessageDeflate: false,
      maxPayload: MOST_BYTES,
    },
  );
}

function join(
  client: WebSocket,
  upstream: WebSocket,
  { fault, path }: { readonly fault: Fault; readonly path: string },
) {
  const timers = new Set<NodeJS.Timeout>();
  const line: Line = {
    path,
    say: (frame) => {
      send(client, frame);
    },
    end: (code, reason) => {
      client.close(code, reason);
      upstream.terminate();
    },
    after: (ms, what) => {
      timers.add(setTimeout(what, ms));
    },
  };
  const closeOther = (other: WebSocket, code: number, reason: string): void => {
    for (const timer of timers) clearTimeout(timer);
    if (CODES_NOBODY_MAY_SEND.has(code)) other.terminate();
    else if (other.readyState === WebSocket.OPEN) other.close(code, reason);
  };
  upstream.on('passed', (data: RawData, binary: boolean) => {
    const frame = rawOf(data, binary);
    for (const one of fault.down?.(frame, parsed(frame), line) ?? [frame]) send(client, one);
  });
  client.on('message', (data, binary) => {
    const frame = rawOf(data, binary);
    for (const one of fault.up?.(frame, parsed(frame), line) ?? [frame]) send(upstream, one);
  });
  upstream.on('ping', (data) => {
    if (client.readyState === WebSocket.OPEN) client.ping(data);
  });
  client.on('pong', (data) => {
    if (upstream.readyState === WebSocket.OPEN) upstream.pong(data);
  });
  client.on('error', () => undefined);
  upstream.on('close', (code, reason) => {
    const [told, why] = fault.closing?.(code, reason.toString()) ?? [code, reason.toString()];
    closeOther(client, told, why);
  });
  client.on('close', (code, reason) => {
    closeOther(upstream, code, reason.toString());
  });
  fault.opened?.(line);
}

function send(socket: WebSocket, frame: Raw): void {
  if (socket.readyState === WebSocket.OPEN) socket.send(frame, { binary: typeof frame !== 'string' });
}

function rawOf(data: RawData, binary: boolean): Raw {
  const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.isBuffer(data) ? data : Buffer.from(data);
  return binary ? bytes : bytes.toString();
}

function parsed(frame: Raw): unknown {
  if (typeof frame !== 'string') return undefined;
  try {
    const value: unknown = JSON.parse(frame);
    return value;
  } catch {
    return undefined;
  }
}

function refuse(socket: Duplex, status: number): void {
  socket.end(`HTTP/1.1 ${String(status)} No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
