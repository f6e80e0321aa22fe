import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setImmediate as nextTick } from 'node:timers/promises';
import { WebSocketServer, type WebSocket } from 'ws';
import { answerCommands, numberOf, stringOf } from '../harness/rig-child.js';
import { eventFrame, eventText } from './event-text.js';

/** The library alone: what everything else is measured against. */
const http = createServer();
const server = new WebSocketServer({ server: http, perMessageDeflate: false, clientTracking: false });
const clients = new Map<WebSocket, Socket>();
let received = 0;
let valid = 0;

server.on('connection', (ws, request) => {
  clients.set(ws, request.socket);
  ws.on('close', () => clients.delete(ws));
  ws.on('message', (data) => {
    received += 1;
    const message: unknown = JSON.parse(Buffer.isBuffer(data) ? data.toString('utf8') : '{}');
    if (typeof message === 'object' && message !== null && 'type' in message) valid += 1;
  });
});

await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
const address: AddressInfo | string | null = http.address();

let sequence = 0;

/** How one tick's events are written: the ways differ only in this. */
const ways: Readonly<Record<string, (events: number) => void>> = {
  /** As everyone writes it: stringified once, framed once per socket and event. */
  string: (events) => {
    for (let event = 0; event < events; event++) {
      const text = eventText(++sequence);
      for (const ws of clients.keys()) ws.send(text);
    }
  },
  /** The limit: one buffer with all of the tick's frames, one write per socket, and nothing else. */
  prepared: (events) => {
    const frames = Array.from({ length: events }, () => eventFrame(++sequence));
    const buffer = frames.length === 1 ? (frames[0] ?? Buffer.alloc(0)) : Buffer.concat(frames);
    for (const socket of clients.values()) socket.write(buffer);
  },
};

answerCommands(
  {
    connections: () => ({ connections: clients.size }),
    received: () => ({ received, valid }),
    fanout: async (fields) => {
      const way = ways[stringOf(fields, 'way')];
      for (let tick = 0; tick < numberOf(fields, 'ticks'); tick++) {
        way?.(numberOf(fields, 'events'));
        await nextTick();
      }
      return {};
    },
  },
  { port: typeof address === 'object' && address !== null ? address.port : 0 },
);
