import type { Bus, Stoppable } from '@parley/bus';
import {
  auth,
  gatewayCommand,
  gatewayLost,
  GATEWAY_LOST_ID,
  newGatewayId,
  type ConnectionId,
  type GatewayId,
  type GatewayInfo,
  type OpenedConnection,
  type Outcome,
  type PublicKey,
} from '@parley/contracts';
import { dialects, type Login } from '@parley/dialects';
import type { Logger } from '@parley/telemetry';
import {
  countDelivery,
  countFromZero,
  eventsLost,
  eventsRepaired,
  eventsUnrouted,
  farewellsUnsaid,
  gapsFound,
  gapsRepaired,
} from './gateway.metrics.js';
import type { GatewayOptions } from './gateway.options.js';
import { Coalescer } from './inbound/coalescer.js';
import { Dispatch } from './inbound/dispatch.js';
import { Canary } from './lifecycle/canary.js';
import { drain } from './lifecycle/drain.js';
import { Farewells } from './lifecycle/farewells.js';
import { LiveLogins } from './login/live-logins.js';
import { LoginChecks } from './login/login-checks.js';
import { openedOf } from './login/opened.js';
import { PresenceReporter, type Verdict } from './login/presence-reporter.js';
import { Revocations } from './login/revocations.js';
import { RevokedLogins } from './login/revoked-logins.js';
import { TokenVerifier } from './login/token-verifier.js';
import { serveReports } from './operator/reports.js';
import { Trail } from './operator/trail.js';
import { Routing, type RoutingDeps } from './outbound/routing.js';
import { Subscriptions } from './outbound/subscriptions.js';
import { Admission } from './socket/admission.js';
import type { Connection } from './socket/connection.js';
import { connectionLimits, sessionLimits } from './socket/connection-limits.js';
import { Connections } from './socket/connections.js';
import { TimingWheel } from './socket/timing-wheel.js';
import { UpgradeRouter } from './socket/upgrade-router.js';

/** Tokens live 15 minutes; one that was signed a moment before its login was revoked is good for no longer. */
const TOKEN_LIFETIME_MS = 15 * 60_000;
const PRESENCE_PATIENCE_MS = 2_000;
/** How long others are told at the end who has left. */
const GOODBYE_MS = 2_000;
const KEYS_REFRESH_MS = 60_000;
const EVENTS_KEPT_PER_SUBJECT = Number.POSITIVE_INFINITY;

/** The gateway's parts, put together by hand: everything between the sockets and the bus. */
export class Gateway {
  readonly id: GatewayId = newGatewayId();
  readonly admission: Admission;
  readonly router: UpgradeRouter;
  readonly connections: Connections;
  readonly subscriptions: Subscriptions;
  readonly verifier: TokenVerifier;
  readonly logins = new LiveLogins();
  private readonly trail = new Trail(this.id);
  private readonly startedAt = Date.now();
  private readonly wheel = new TimingWheel();
  private readonly revoked = new RevokedLogins(TOKEN_LIFETIME_MS);
  private readonly dispatch: Dispatch;
  private readonly presence: PresenceReporter;
  private readonly revocations: Revocations;
  private readonly coalescer: Coalescer<Connection>;
  private readonly farewells: Farewells;
  private readonly checks: LoginChecks;
  private readonly canary: Canary;
  private readonly stoppables: Stoppable[] = [];
  private keysTimer: NodeJS.Timeout | undefined;
  private draining = false;

  constructor(
    private readonly bus: Bus,
    private readonly options: GatewayOptions,
    private readonly logger: Logger,
  ) {
    this.admission = new Admission({
      connections: options.maxConnections,
      connectionsPerAddress: options.maxConnectionsPerAddress,
      handshakesPerSecond: options.handshakesPerSecond,
    });
    this.router = new UpgradeRouter(this.admission, options.trustedProxies);
    this.verifier = new TokenVerifier({
      fetchKeys: () => this.fetchKeys(),
      isRevoked: (loginId) => this.revoked.has(loginId),
    });
    this.presence = new PresenceReporter(
      bus,
      this.id,
      (id) => this.connections.find(id)?.end('flooding'),
      PRESENCE_PATIENCE_MS,
      (changes, why) => {
        this.logger.error({ changes, why }, 'presence refused a report');
      },
    );
    this.subscriptions = this.makeSubscriptions();
    this.connections = this.makeConnections();
    this.dispatch = this.makeDispatch();
    this.connections.use(this.dispatch);
    this.coalescer = new Coalescer(bus, (connection, error) => {
      this.connections.failed(connection, error);
    });
    this.farewells = new Farewells({
      caller: this.dispatch.caller,
      unsaid: (farewells, why) => {
        farewellsUnsaid.add(farewells);
        // One line each would be thousands when a service is away.
        this.logger.debug({ farewells, why }, 'a service was not told of connections that are gone');
      },
    });
    const end = (connections: readonly Connection[]): void => {
      this.connections.endAll(connections, 'revoked');
    };
    this.revocations = new Revocations({ bus, revoked: this.revoked, logins: this.logins, end });
    this.checks = new LoginChecks(bus, this.logins, options.loginCheckMs, TOKEN_LIFETIME_MS, end);
    this.canary = this.makeCanary();
  }

  /** Rejects with one line when the bus does not give it what it can't do without. */
  async start(): Promise<void> {
    const { bus } = this;
    need(
      await this.subscriptions.listen(this.revocations.subject, (event) => {
        this.revocations.heard(event);
      }),
    );
    need(
      await this.subscriptions.listen(gatewayCommand.subject(this.id), (event) => {
        const command = gatewayCommand.decode(event)?.payload;
        if (command === undefined) return;
        const why = command.reason === 'replaced' ? 'replaced' : 'disconnected';
        this.connections.find(command.connectionId)?.end(why);
      }),
    );
    need(
      await this.subscriptions.listen(this.canary.subject, (event) => {
        this.canary.heard(event);
      }),
    );
    need(
      await this.subscriptions.listen(gatewayLost.subject(GATEWAY_LOST_ID), (event) => {
        // Judged dead while it was cut off: everyone here has been forgotten and has to be named again.
        if (gatewayLost.decode(event)?.payload.gatewayId === this.id && !this.draining)
          this.presence.repeat(this.present());
      }),
    );
    for (const { name } of dialects) countFromZero(name);
    for (const routing of this.routings()) need(await routing.start());
    need(await this.revocations.learn());
    this.stoppables.push(
      bus.answerReceipts(this.id, (subject) => this.subscriptions.hasReceivers(subject)),
      need(await bus.watchLeases({ joined: () => undefined, lost: () => undefined })),
      need(await bus.holdLease(() => this.info())),
      this.followBus(),
      ...serveReports({ bus, gatewayId: this.id, trail: this.trail, connections: () => this.connections.all() }),
    );
    await this.verifier.refresh();
    this.keysTimer = setInterval(() => void this.verifier.refresh(), KEYS_REFRESH_MS).unref();
    this.checks.start();
    this.canary.start();
  }

  /** Why it should get no new connections; undefined when it should. */
  notReady(): string | undefined {
    if (this.draining) return 'draining';
    if (!this.verifier.ready) {
      void this.verifier.refresh();
      return 'the keys of the auth service are not known yet';
    }
    if (this.canary.deaf) return 'events do not come through';
    return this.admission.full ? 'full' : undefined;
  }

  info(): GatewayInfo {
    return {
      gatewayId: this.id,
      startedAt: this.startedAt,
      draining: this.draining,
      connections: this.connections.size,
    };
  }

  /** Refuses newcomers and sends everyone away, paced. */
  async drain(): Promise<void> {
    this.draining = true;
    this.admission.drain();
    this.logger.info({ connections: this.connections.size }, 'draining');
    await drain(() => this.connections.all(), this.options.drainSeconds * 1_000);
  }

  async close(): Promise<void> {
    this.canary.stop();
    this.checks.stop();
    clearInterval(this.keysTimer);
    this.coalescer.stop();
    this.subscriptions.flush();
    await Promise.all([this.presence.stop(GOODBYE_MS), this.farewells.stop(GOODBYE_MS)]);
    for (const stoppable of this.stoppables) await stoppable.stop();
    this.wheel.stop();
  }

  private makeSubscriptions(): Subscriptions {
    return new Subscriptions({
      bus: this.bus,
      keptPerSubject: { EVENTS: EVENTS_KEPT_PER_SUBJECT, TOPICS: this.options.topicsKeptMessages },
      maxRecoveredBytes: this.options.outboxHardBytes / 2,
      receipt: (event, receipt) => {
        this.bus.sendReceipt(event, { gatewayId: this.id, ...receipt });
      },
      measured: (dialect, count, bytes, oldestStoredAt) => {
        countDelivery(dialect.name, count, bytes, oldestStoredAt);
      },
      repaired: (stream, events) => {
        eventsRepaired[stream].add(events);
        this.logger.info({ stream, events }, 'missed events read again');
      },
      gapFound: (stream) => {
        gapsFound[stream].add(1);
      },
      gapRepaired: (stream) => {
        gapsRepaired[stream].add(1);
      },
      lost: (stream, subject, why) => {
        eventsLost[stream].add(1);
        this.logger.error({ stream, subject, why }, 'missed events are lost; connections start afresh');
        for (const receiver of this.subscriptions.receivers(stream, subject)) receiver.end('rebalance');
      },
    });
  }

  private makeConnections(): Connections {
    const { options } = this;
    return new Connections({
      gatewayId: this.id,
      wheel: this.wheel,
      limits: connectionLimits(options),
      sessionLimits: sessionLimits(options),
      verifier: this.verifier,
      logger: this.logger,
      retired: (connection, farewells) => {
        this.subscriptions.leaveAll(connection.id);
        this.coalescer.drop(connection);
        this.logins.remove(connection);
        this.trail.closed(connection);
        this.farewells.say(farewells);
        const { login } = connection;
        if (login !== undefined) this.presence.closed({ connectionId: connection.id, userId: login.userId });
      },
    });
  }

  private makeDispatch(): Dispatch {
    return new Dispatch({
      bus: this.bus,
      subscriptions: this.subscriptions,
      verify: (token) => this.verifier.verify(token),
      admit: (connection, login, replaces) => this.admit(connection, login, replaces),
      renewed: (connection, login) => {
        this.logins.remove(connection);
        connection.ownedBy(login);
        this.logins.add(connection);
      },
      emit: (connection, command) => {
        this.coalescer.emit(connection, command);
      },
      failed: (connection, error) => {
        this.connections.failed(connection, error);
      },
    });
  }

  private routings(): readonly Routing[] {
    const deps: RoutingDeps = {
      caller: this.dispatch.caller,
      listen: (subject, listener) => this.subscriptions.listen(subject, listener),
      deliverTo: (subjects, dialect, event) => {
        this.subscriptions.deliverTo(subjects, dialect, event);
      },
      dropped: (subject, events) => {
        eventsUnrouted.add(events, { subject });
        this.logger.error({ subject, events }, 'events dropped: nobody could say where they belong');
      },
    };
    const routes = dialects.flatMap((dialect) => (dialect.routes ?? []).map((route) => ({ dialect, route })));
    for (const { route } of routes) eventsUnrouted.add(0, { subject: route.subject });
    return routes.map(({ dialect, route }) => new Routing(dialect, route, deps));
  }

  private makeCanary(): Canary {
    return new Canary({
      bus: this.bus,
      gatewayId: this.id,
      intervalMs: this.options.canaryMs,
      mend: () => {
        this.logger.warn({}, 'own events do not come back; reading what may have been missed');
        this.subscriptions.busReconnected();
      },
      shed: () => {
        this.logger.error({}, 'own events still do not come back; sending connections elsewhere');
        this.connections.endAll(this.connections.all(), 'rebalance');
      },
    });
  }

  private async admit(connection: Connection, login: Login, replaces?: ConnectionId): Promise<Verdict> {
    connection.ownedBy(login);
    this.trail.connected(connection);
    this.logins.add(connection);
    if (login.guest === undefined) this.checks.added(login.loginId);
    // Revoked between its verification and now: the event has already looked for it.
    if (this.revoked.has(login.loginId)) connection.end('revoked');
    if (!connection.open) return 'refused';
    const verdict = await this.presence.opened(openedOf(connection, login, replaces));
    this.trail.judged(connection, verdict);
    return verdict;
  }

  private followBus(): Stoppable {
    let away = false;
    return this.bus.onStatus((status) => {
      if (status === 'disconnected') away = true;
      if (status !== 'connected' || !away) return;
      away = false;
      this.subscriptions.busReconnected();
      this.presence.repeat(this.present());
    });
  }

  private *present(): Iterable<OpenedConnection> {
    for (const connection of this.connections.all()) {
      if (connection.login !== undefined) yield openedOf(connection, connection.login);
    }
  }

  private async fetchKeys(): Promise<Outcome<readonly PublicKey[]>> {
    const outcome = await this.bus.call(auth.keys, {});
    return outcome.ok ? { ok: true, value: outcome.value.keys } : outcome;
  }
}

function need<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(outcome.error.message);
  return outcome.value;
}
