import { natsBinaries, startNats, type NatsOptions, type TestNats } from '@parley/testing';
import { defineEvent, defineRequest, shardOf } from '@parley/contracts';
import { Type } from '@sinclair/typebox';
import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import type { Bus } from '../bus.js';
import { connectBus } from '../connect-bus.js';
import type { ConnectBusOptions } from '../options.js';
import { Log } from './fixture-log.js';

export const echo = defineRequest('rooms.echo', {
  request: Type.Object({ n: Type.Integer() }),
  reply: Type.Object({ n: Type.Integer() }),
  errors: ['not_found'],
  deadlineMs: 1_000,
});

export const keyed = defineRequest('rooms.keyed', {
  request: Type.Object({ key: Type.String(), n: Type.Integer() }),
  reply: Type.Object({ n: Type.Integer() }),
  errors: [],
  deadlineMs: 3_000,
  shard: (request) => shardOf(request.key),
});

export const sample = defineEvent('sample', { channel: 'EVENTS', payload: Type.Object({ n: Type.Integer() }) });
export const topic = defineEvent('topic', { channel: 'TOPICS', payload: Type.Object({ n: Type.Integer() }) });
export const cursor = defineEvent('cursor', { channel: 'live', payload: Type.Object({ n: Type.Integer() }) });

export interface Fixture {
  readonly nats: TestNats;
  readonly log: Log;
  /** Closed after each test. */
  connect(options?: Partial<ConnectBusOptions>): Promise<Bus>;
}

const binaries = await natsBinaries();

/** The suite once per version of nats-server that is at hand, each with a server of its own. */
export function onEveryNats(name: string, define: (fixture: Fixture) => void, options: NatsOptions = {}): void {
  describe.each(binaries)(`${name}, nats-server $version`, ({ path }) => {
    let nats: TestNats;
    let log = new Log();
    const open: Bus[] = [];
    beforeAll(async () => {
      // The server's own default, which is what the bus has to cope with.
      nats = await startNats({ config: 'max_payload: 1MB', ...options, bin: path });
    });
    afterEach(async () => {
      await Promise.all(open.splice(0).map((bus) => bus.close(1_000)));
      log = new Log();
    });
    afterAll(async () => {
      await nats.stop();
    });
    define({
      get nats() {
        return nats;
      },
      get log() {
        return log;
      },
      async connect(more = {}) {
        const bus = await connectBus({ servers: nats.url, name: 'test', logger: log, ...more });
        open.push(bus);
        return bus;
      },
    });
  });
}
