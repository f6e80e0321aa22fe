import type { Database, Outbox, ShardLeases } from '@parley/database';
import { AskAlive } from './alive.js';
import { AskChosen } from './chosen.js';
import { ClearGateways, type GatewayRoster } from './clear-gateways.js';
import type { Clock } from './clock.js';
import { ConnectionRepository } from './connection.repository.js';
import { EndGrace } from './end-grace.js';
import { ListConnections } from './list-connections.js';
import { LookupPresence } from './lookup.js';
import { ListOnline } from './online.js';
import { connectionLimits, type PresenceOptions } from './presence.options.js';
import { PresenceRepository } from './presence.repository.js';
import type { PresenceTables } from './presence.tables.js';
import { AskReach } from './reach.js';
import { ReportConnections } from './report.js';
import { SetStatus } from './set-status.js';
import { ShardWriter } from './shard-writer.js';
import { Steadiness } from './steadiness.js';

export interface CoreParts {
  readonly database: Database<PresenceTables>;
  readonly leases: ShardLeases<PresenceTables>;
  readonly outbox: Outbox<PresenceTables>;
  readonly roster: GatewayRoster;
  readonly options: PresenceOptions;
  readonly clock: Clock;
  /** Of gateways, ms. */
  readonly leaseTtlMs: number;
}

/** Everything that the service does, put together; what asks for it is elsewhere. */
export class PresenceCore {
  readonly presences: PresenceRepository;
  readonly connections: ConnectionRepository;
  readonly steadiness: Steadiness;
  readonly report: ReportConnections;
  readonly setStatus: SetStatus;
  readonly lookup: LookupPresence;
  readonly online: ListOnline;
  readonly listConnections: ListConnections;
  readonly reach: AskReach;
  readonly alive: AskAlive;
  readonly chosen: AskChosen;
  readonly endGrace: EndGrace;
  readonly clearGateways: ClearGateways;

  constructor({ database, leases, outbox, roster, options, clock, leaseTtlMs }: CoreParts) {
    const { graceMs, settleMs, metadataMaxBytes } = options;
    const held = (): readonly number[] => leases.held();
    this.presences = new PresenceRepository(database);
    this.connections = new ConnectionRepository(database);
    this.steadiness = new Steadiness({ settleMs, leaseTtlMs, clock, held });
    const writer = new ShardWriter(database, leases, outbox, this.presences);
    const limits = connectionLimits(options);
    this.report = new ReportConnections(writer, this.connections, { limits, graceMs, clock });
    this.setStatus = new SetStatus(writer, this.connections, { metadataMaxBytes, clock });
    this.lookup = new LookupPresence(this.presences, clock);
    this.online = new ListOnline(this.presences, clock);
    this.listConnections = new ListConnections(this.connections);
    this.reach = new AskReach(this.connections);
    this.alive = new AskAlive(this.connections);
    this.chosen = new AskChosen(this.presences);
    this.endGrace = new EndGrace(writer, this.presences, this.steadiness, clock);
    this.clearGateways = new ClearGateways(writer, this.connections, this.steadiness, roster, {
      graceMs,
      leaseTtlMs,
      clock,
      held,
    });
  }
}
