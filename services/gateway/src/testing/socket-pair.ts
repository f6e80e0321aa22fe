import { newConnectionId } from '@parley/contracts';
import { none, type Commands, type Dialect, type Session } from '@parley/dialects';
import { createServer } from 'node:http';
import { WebSocket, WebSocketServer, type ServerOptions } from 'ws';
import { Connection, type ConnectionHost } from '../socket/connection.js';
import { TimingWheel } from '../socket/timing-wheel.js';
import { deaf, nullDialect } from './null-dialect.js';

export interface PairOptions {
  readonly session?: Session;
  readonly dialect?: Dialect;
  readonly preLoginBytes?: number;
  readonly budget?: { readonly bytesPerSecond: number; readonly byteBurst: number };
  readonly perMessageDeflate?: ServerOptions['perMessageDeflate'];
  readonly execute?: ConnectionHost['execute'];
}

export interface SocketPair {
  readonly client: WebSocket;
  readonly connection: Connection;
  /** Of the session. */
  readonly failures: readonly unknown[];
  readonly retired: readonly Connection[];
  close(): void;
}

/** A real client on a real socket to a connection of the gateway, without the gateway around it. */
export async function socketPair(options: PairOptions = {}): Promise<SocketPair> {
  const {
    session = deaf,
    dialect = nullDialect,
    budget,
    preLoginBytes = 10_000_000,
    perMessageDeflate = false,
  } = options;
  const server = createServer();
  const wheel = new TimingWheel();
  const failures: unknown[] = [];
  const retired: Connection[] = [];
  const accepted = new Promise<Connection>((resolve) => {
    const serverOptions = { server, maxPayload: 1_048_576, perMessageDeflate };
    new WebSocketServer(serverOptions).on('connection', (ws, request) => {
      const parts = { id: newConnectionId(), dialect, session, ws, socket: request.socket, address: '' };
      const connection = new Connection(parts, {
        wheel,
        limits: {
          inbox: { frames: 10, bytes: 10_000_000 },
          outbox: { softBytes: 100_000, hardBytes: 1_000_000 },
          preLoginBytes,
          ...(budget ?? { bytesPerSecond: 10_000_000, byteBurst: 10_000_000 }),
          loginDeadlineMs: 60_000,
        },
        execute: options.execute ?? (() => undefined),
        retired: (one) => retired.push(one),
        failed: (_connection, error) => failures.push(error),
        received: () => undefined,
        sent: () => undefined,
        handled: () => undefined,
        held: () => undefined,
      });
      connection.start((): Commands => none);
      resolve(connection);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const client = new WebSocket(`ws://127.0.0.1:${String(address.port)}`, {
    perMessageDeflate: perMessageDeflate !== false,
  });
  await new Promise((resolve) => client.once('open', resolve));
  const close = (): void => {
    client.terminate();
    server.close();
    wheel.stop();
  };
  return { client, connection: await accepted, failures, retired, close };
}
