import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextTick } from 'node:timers/promises';
import { Server } from 'socket.io';
import { answerCommands, numberOf } from '../harness/rig-child.js';
import { eventOf } from './event-text.js';

/** Socket.IO's room emit, WebSocket transport only, no polling and no heartbeat during a run. */
const http = createServer();
const io = new Server(http, { transports: ['websocket'], pingInterval: 600_000, serveClient: false });
io.on('connection', (socket) => {
  void socket.join('bench');
});
await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
const address: AddressInfo | string | null = http.address();
let sequence = 0;

answerCommands(
  {
    connections: () => ({ connections: io.engine.clientsCount }),
    fanout: async (fields) => {
      for (let tick = 0; tick < numberOf(fields, 'ticks'); tick++) {
        for (let event = 0; event < numberOf(fields, 'events'); event++) {
          const { type, data } = eventOf(++sequence);
          io.to('bench').emit(type, data);
        }
        await nextTick();
      }
      return {};
    },
  },
  { port: typeof address === 'object' && address !== null ? address.port : 0 },
);
