import { newConnectionId, type ConnectionId, type GatewayId } from '@parley/contracts';
import type { Commands, Dialect, Endpoint, EndReason, Farewell, SessionLimits } from '@parley/dialects';
import type { Logger, Observation } from '@parley/telemetry';
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { gunzip } from 'node:zlib';
import type { WebSocket } from 'ws';
import type { Dispatch } from '../inbound/dispatch.js';
import {
  connectionsActive,
  connectionsClosed,
  connectionsOpened,
  trafficOf,
  type SlowReaderAction,
} from '../gateway.metrics.js';
import type { TokenVerifier } from '../login/token-verifier.js';
import type { Seat } from './admission.js';
import { Connection, type ConnectionHost } from './connection.js';
import type { ConnectionLimits } from './connection-limits.js';
import { tokenOf } from './credentials.js';
import type { TimingWheel } from './timing-wheel.js';

export interface ConnectionsDeps {
  readonly gatewayId: GatewayId;
  readonly wheel: TimingWheel;
  readonly limits: ConnectionLimits;
  readonly sessionLimits: SessionLimits;
  readonly verifier: TokenVerifier;
  readonly logger: Logger;
  /** The connection takes part in nothing any more; `farewells` are its session's, if it was logged in. */
  retired(connection: Connection, farewells: readonly Farewell[]): void;
}

/** A socket that has been let in, with what was known when it was. */
export interface Arrival {
  readonly dialect: Dialect;
  readonly endpoint: Endpoint;
  readonly ws: WebSocket;
  readonly request: IncomingMessage;
  readonly address: string;
  readonly seat: Seat;
}

/** Every open connection of this gateway, from the upgrade to the close. */
export class Connections implements ConnectionHost {
  readonly wheel: TimingWheel;
  readonly limits: ConnectionLimits;
  private readonly open = new Map<ConnectionId, { readonly connection: Connection; readonly seat: Seat }>();
  private dispatch: Dispatch | undefined;

  constructor(private readonly deps: ConnectionsDeps) {
    this.wheel = deps.wheel;
    this.limits = deps.limits;
  }

  /** Dispatch needs connections and connections need dispatch; this closes the circle at start. */
  use(dispatch: Dispatch): void {
    this.dispatch = dispatch;
  }

  get size(): number {
    return this.open.size;
  }

  all(): readonly Connection[] {
    return [...this.open.values()].map((entry) => entry.connection);
  }

  find(id: ConnectionId): Connection | undefined {
    return this.open.get(id)?.connection;
  }

  /** Synchronous, so that no frame can come before someone listens. */
  accept(arrival: Arrival): void {
    const { dialect, endpoint, ws, request, address, seat } = arrival;
    const id = newConnectionId();
    const query = queryOf(request);
    const token = tokenOf(request, query);
    const session = dialect.open({
      connectionId: id,
      gatewayId: this.deps.gatewayId,
      endpoint: endpoint.path,
      query,
      token,
      limits: this.deps.sessionLimits,
      now: Date.now,
      sha256,
      gunzip: unpack,
    });
    const connection = new Connection({ id, dialect, session, ws, socket: request.socket, address }, this);
    this.open.set(id, { connection, seat });
    connectionsOpened.add(1, { dialect: dialect.name });
    connectionsActive.add(1, { dialect: dialect.name });
    this.begin(connection, token);
  }

  execute(connection: Connection, commands: Commands): Promise<void> | undefined {
    return this.dispatch?.execute(connection, commands);
  }

  retired(connection: Connection): void {
    const entry = this.open.get(connection.id);
    if (entry === undefined) return;
    this.open.delete(connection.id);
    entry.seat.free();
    const dialect = connection.dialect.name;
    connectionsActive.add(-1, { dialect });
    connectionsClosed.add(1, { dialect, reason: connection.ended ?? 'client' });
    if (connection.ended === 'slow') {
      trafficOf(dialect).slowReaders.add(1);
      trafficOf(dialect).slow.closed.add(1);
    }
    this.deps.retired(connection, connection.login === undefined ? [] : this.farewellsOf(connection));
  }

  private farewellsOf(connection: Connection): readonly Farewell[] {
    try {
      return connection.session.closed();
    } catch (error) {
      this.failed(connection, error);
      return [];
    }
  }

  failed(connection: Connection, error: unknown): void {
    this.deps.logger.error(
      { err: error, connectionId: connection.id, dialect: connection.dialect.name },
      'session failed',
    );
  }

  received(connection: Connection, bytes: number): void {
    const { framesReceived, bytesReceived } = trafficOf(connection.dialect.name);
    framesReceived.add(1);
    bytesReceived.add(bytes);
  }

  sent(connection: Connection, bytes: number): void {
    const { framesSent, bytesSent } = trafficOf(connection.dialect.name);
    framesSent.add(1);
    bytesSent.add(bytes);
  }

  handled(connection: Connection, since: number): void {
    trafficOf(connection.dialect.name).frameDuration.record((performance.now() - since) / 1_000);
  }

  held(connection: Connection, action: SlowReaderAction): void {
    trafficOf(connection.dialect.name).slow[action].add(1);
  }

  /** Bytes that wait in outboxes now, by dialect: 0 too, for those that have connections. */
  unsent(): readonly Observation[] {
    const bytes = new Map<string, number>();
    for (const { connection } of this.open.values()) {
      const dialect = connection.dialect.name;
      bytes.set(dialect, (bytes.get(dialect) ?? 0) + connection.outbox.unsentBytes);
    }
    return [...bytes].map(([dialect, value]) => ({ value, attributes: { dialect } }));
  }

  endAll(connections: Iterable<Connection>, reason: EndReason): void {
    for (const connection of connections) connection.end(reason);
  }

  private begin(connection: Connection, token: string | undefined): void {
    const verified = token === undefined ? undefined : this.deps.verifier.verify(token);
    if (!(verified instanceof Promise)) {
      connection.start(() => connection.session.opened(verified));
      return;
    }
    // The token names a key that has to be fetched first; frames that come meanwhile wait in the inbox behind it.
    connection.start(() => [{ kind: 'call', perform: async () => connection.session.opened(await verified) }]);
  }
}

function unpack(bytes: Uint8Array, maxOutputLength: number): Promise<Uint8Array | undefined> {
  return new Promise((resolve) => {
    gunzip(bytes, { maxOutputLength }, (error, unpacked) => {
      resolve(error === null ? unpacked : undefined);
    });
  });
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function queryOf(request: IncomingMessage): URLSearchParams {
  const url = request.url ?? '/';
  const start = url.indexOf('?');
  return new URLSearchParams(start < 0 ? '' : url.slice(start + 1));
}
