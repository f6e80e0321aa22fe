import type { GatewayId } from '@parley/contracts';
import type { Clock } from './clock.js';
import { accountsOf, type ConnectionRepository } from './connection.repository.js';
import { disconnected } from './presence-state.js';
import { clearedConnections } from './presence.metrics.js';
import type { ShardWriter } from './shard-writer.js';
import type { Steadiness } from './steadiness.js';

/** What the bus knows of gateways. */
export interface GatewayRoster {
  /** Those whose lease is seen now. */
  living(): ReadonlySet<GatewayId>;
  /** Tells every service, once however many replicas do; false when it could not be told. */
  announceLost(gatewayId: GatewayId, graceful: boolean): Promise<boolean>;
}

export interface ClearGatewaysSettings {
  readonly graceMs: number;
  /** Of gateways: one that vanished was last known to be alive this long before its loss was noticed. */
  readonly leaseTtlMs: number;
  readonly clock: Clock;
  readonly held: () => readonly number[];
}

/** A loss is of interest until its connections are cleared; after this long the roster alone decides. */
const REMEMBER_MS = 600_000;

interface Loss {
  readonly since: number;
  readonly goodbye: boolean;
  /** Last known to be so. */
  readonly aliveUntil: number;
}

/**
 * Closes the connections of gateways that are gone, as if each had disconnected. Every replica decides for the shards that
 * it owns. A pass compares what is stored with the leases, so it also finds gateways that died while no replica ran.
 */
export class ClearGateways {
  readonly #writer: ShardWriter;
  readonly #connections: ConnectionRepository;
  readonly #steadiness: Steadiness;
  readonly #roster: GatewayRoster;
  readonly #settings: ClearGatewaysSettings;
  readonly #lost = new Map<GatewayId, Loss>();
  readonly #unannounced = new Map<GatewayId, boolean>();
  #absentSince = new Map<GatewayId, number>();

  constructor(
    writer: ShardWriter,
    connections: ConnectionRepository,
    steadiness: Steadiness,
    roster: GatewayRoster,
    settings: ClearGatewaysSettings,
  ) {
    this.#writer = writer;
    this.#connections = connections;
    this.#steadiness = steadiness;
    this.#roster = roster;
    this.#settings = settings;
  }

  /** Its lease ran out or was given back. The next pass clears it. */
  lost(gatewayId: GatewayId, graceful: boolean): void {
    const since = this.#settings.clock();
    const aliveUntil = graceful ? since : since - this.#settings.leaseTtlMs;
    this.#lost.set(gatewayId, { since, goodbye: false, aliveUntil });
    this.#unannounced.set(gatewayId, graceful);
  }

  /** It announced its end itself. The next pass clears it, though its lease may still be seen. */
  saidGoodbye(gatewayId: GatewayId): void {
    const since = this.#settings.clock();
    this.#lost.set(gatewayId, { since, goodbye: true, aliveUntil: since });
  }

  /** It was cut off from the bus for a while, and reports its connections anew. */
  joined(gatewayId: GatewayId): void {
    this.#lost.delete(gatewayId);
    this.#unannounced.delete(gatewayId);
  }

  async run(): Promise<void> {
    await this.#announce();
    const now = this.#settings.clock();
    for (const [gatewayId, { since }] of this.#lost) {
      if (now - since > REMEMBER_MS) this.#lost.delete(gatewayId);
    }
    for (const gatewayId of await this.#gone(now)) await this.#clear(gatewayId);
  }

  async #announce(): Promise<void> {
    for (const [gatewayId, graceful] of this.#unannounced) {
      if (await this.#roster.announceLost(gatewayId, graceful)) this.#unannounced.delete(gatewayId);
    }
  }

  async #gone(now: number): Promise<readonly GatewayId[]> {
    const stored = await this.#connections.gateways();
    const living = this.#roster.living();
    const mayJudge = this.#steadiness.mayJudgeGateways();
    const absentSince = new Map<GatewayId, number>();
    const gone: GatewayId[] = [];
    for (const gatewayId of stored) {
      const lost = this.#lost.get(gatewayId);
      if (lost?.goodbye === true || (lost !== undefined && !living.has(gatewayId))) {
        gone.push(gatewayId);
      } else if (!living.has(gatewayId)) {
        const since = this.#absentSince.get(gatewayId) ?? now;
        absentSince.set(gatewayId, since);
        // A new gateway may report before this replica sees its lease: hence the while.
        if (mayJudge && now - since >= this.#settings.leaseTtlMs / 2) {
          this.lost(gatewayId, false);
          gone.push(gatewayId);
        }
      }
    }
    this.#absentSince = this.#steadiness.busIsConnected() ? absentSince : new Map<GatewayId, number>();
    await this.#announce();
    return gone;
  }

  /** A shard that fails is found again by the next pass. */
  async #clear(gatewayId: GatewayId): Promise<void> {
    const { held, clock, graceMs } = this.#settings;
    const aliveUntil = this.#lost.get(gatewayId)?.aliveUntil ?? clock();
    for (const shard of await this.#connections.shardsOfGateway(gatewayId, held())) {
      const cleared = await this.#writer.write(shard, async (trx) => {
        const now = clock();
        const closed = await this.#connections.closeGateway(trx, shard, gatewayId, aliveUntil);
        const users = accountsOf(closed);
        const counts = await this.#connections.counts(trx, users);
        await this.#writer.change(trx, shard, users, { now }, (state) =>
          counts.total(state.userId) > 0 ? state : disconnected(state, now, graceMs),
        );
        return closed.length;
      });
      if (cleared.ok) clearedConnections.add(cleared.value);
    }
  }
}
