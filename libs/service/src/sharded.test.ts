import { ok, presence, type ErrorCode, type RequestDefinition } from '@parley/contracts';
import type { Bus, Handler, Stoppable } from '@parley/bus';
import type { ShardOwner } from '@parley/database';
import { beforeEach, describe, expect, it } from 'vitest';
import { serveSharded, shardHandler } from './sharded.js';

type Schema = RequestDefinition['request'];

const events: string[] = [];
const logger = { debug: () => undefined };

/** Notes what is served; nothing arrives. */
const bus: Pick<Bus, 'serveShard'> = {
  serveShard<Q extends Schema, R extends Schema, E extends ErrorCode>(
    definition: RequestDefinition<Q, R, E>,
    shard: number,
    _handler: Handler<Q, R, E>,
  ): Stoppable {
    events.push(`serve ${definition.verb} ${String(shard)}`);
    return {
      stop: () => {
        events.push(`stop ${definition.verb} ${String(shard)}`);
        return Promise.resolve();
      },
    };
  },
};

/** Gives shard 3 at the start. */
class Leases {
  owner: ShardOwner | undefined;

  async start(owner: ShardOwner): Promise<void> {
    this.owner = owner;
    await owner.acquired(3, 7);
  }

  async stop(): Promise<void> {
    await this.owner?.lost(3);
    events.push('released');
  }
}

const handlers = [
  shardHandler(presence.lookup, () => Promise.resolve(ok({ presences: [] }))),
  shardHandler(presence.online, () => Promise.resolve(ok({ presences: [], total: 0 }))),
];

beforeEach(() => {
  events.length = 0;
});

describe('serveSharded', () => {
  it('prepares a shard before it serves it, and stops serving before it gives it back', async () => {
    const sharded = await serveSharded({
      bus,
      logger,
      leases: new Leases(),
      handlers,
      beforeServing: (shard, epoch) => {
        events.push(`before ${String(shard)} ${String(epoch)}`);
        return Promise.resolve();
      },
      afterServing: (shard) => {
        events.push(`after ${String(shard)}`);
        return Promise.resolve();
      },
    });
    await sharded.stop();
    expect(events).toEqual([
      'before 3 7',
      'serve lookup 3',
      'serve online 3',
      'stop lookup 3',
      'stop online 3',
      'after 3',
      'released',
    ]);
  });

  it('serves nothing of a shard that could not be prepared', async () => {
    const leases = new Leases();
    const sharded = serveSharded({
      bus,
      logger,
      leases,
      handlers,
      beforeServing: () => Promise.reject(new Error('leftovers cannot be published')),
    });
    await expect(sharded).rejects.toThrow('leftovers');
    await leases.owner?.lost(3);
    expect(events).toEqual([]);
  });
});
