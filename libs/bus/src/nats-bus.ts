import { fail, ok, type GatewayInfo, type Outcome, type StreamName } from '@parley/contracts';
import type { Bus, BusStatus, LeaseEvents, ReadOptions, Stoppable } from './bus.js';
import { Caller } from './call.js';
import { Extensions } from './extension.js';
import type { Manager } from './jetstream.js';
import { watchLag } from './lag.js';
import { LeaseHolder } from './lease-holder.js';
import { LeaseWatcher } from './lease-watcher.js';
import type { Link } from './link.js';
import { Memory } from './memory.js';
import { defaults, type ConnectBusOptions } from './options.js';
import { Positions } from './position.js';
import { Publisher } from './publish.js';
import { Reader } from './read.js';
import { Receipts } from './receipts.js';
import { Requests } from './requests.js';
import { Server } from './serve.js';
import { withDeadline } from './sleep.js';
import { subscribeEvents } from './subscribe.js';

const FLUSH_MS = 3_000;
const CLOSE_MS = 5_000;

/** Puts the parts together. */
export function assembleBus(link: Link, manager: Manager, positions: Positions, options: ConnectBusOptions): Bus {
  const leaseTtlMs = options.leaseTtlMs ?? defaults.leaseTtlMs;
  const requests = new Requests(link);
  const caller = new Caller(link, requests, options.maxCalls ?? defaults.maxCalls);
  const server = new Server(link);
  const publisher = new Publisher(link, requests, {
    deadlineMs: options.publishDeadlineMs ?? defaults.publishDeadlineMs,
    maxWaiting: options.maxPublications ?? defaults.maxPublications,
  });
  const reader = new Reader(link, manager);
  const watcher = new LeaseWatcher(link, requests, manager, leaseTtlMs);
  const receipts = new Receipts(link, requests, () => watcher.gateways(), options.receiptsMs ?? defaults.receiptsMs);
  const memory = new Memory(link, requests);
  const extensions = new Extensions(link, requests);
  const lag = watchLag(link, options.lagLimitMs ?? defaults.lagLimitMs);
  const intakes = new Intakes();
  let closed: Promise<void> | undefined;

  const wind = async (): Promise<void> => {
    await intakes.stop();
    await server.stop();
    await publisher.settled();
    link.send();
    await link.nc.flush().catch(() => undefined);
  };

  return {
    call: (definition, request, callOptions) => caller.call(definition, request, callOptions),
    serve: (definition, handler, serveOptions) => server.serve(definition, handler, serveOptions),
    serveShard: (definition, shard, handler, shardOptions) =>
      server.serveShard(definition, shard, handler, shardOptions),
    serveAt: (definition, gatewayId, handler) => server.serveAt(definition, gatewayId, handler),
    publish: (definition, id, payload, publishOptions) => publisher.publish(definition, id, payload, publishOptions),
    publishEncoded: (subject, data, publishOptions) => publisher.publishEncoded(subject, data, publishOptions),
    emit: (definition, id, payload, body) => {
      publisher.emit(definition, id, payload, body);
    },
    subscribe: (subject, handler) => subscribeEvents(link, subject, handler),
    flush: () => flush(link),
    position: (stream: StreamName) => positions.of(stream),
    epoch: (stream: StreamName) => positions.epoch(stream),
    read: (readOptions: ReadOptions) => reader.read(readOptions),
    receipts: (subject) => receipts.open(subject),
    answerReceipts: (gatewayId, interest) => intakes.add(receipts.answer(gatewayId, interest)),
    sendReceipt: (event, receipt) => {
      receipts.send(event, receipt);
    },
    holdLease: async (info: () => GatewayInfo) => {
      const held = await new LeaseHolder(link, requests, info, leaseTtlMs).start();
      return held.ok ? ok(intakes.add(held.value)) : held;
    },
    watchLeases: (events: LeaseEvents) => watcher.watch(events),
    gateways: () => watcher.gateways(),
    callExtension: (request, callOptions) => extensions.call(request, callOptions),
    serveExtension: (name, schema, handler) => intakes.add(extensions.serve(name, schema, handler)),
    remember: (key, value) => {
      memory.remember(key, value);
    },
    recall: (key) => memory.recall(key),
    maxBytes: () => link.maxBytes(),
    status: () => link.status,
    onStatus: (listener: (status: BusStatus) => void) => link.onStatus(listener),
    onFault: (listener) => link.onFault(listener),
    faults: () => link.faults(),
    close: (deadlineMs = CLOSE_MS) => {
      closed ??= withDeadline(wind(), deadlineMs, undefined).then(async () => {
        lag.stop();
        watcher.stop();
        await link.close();
        requests.close();
      });
      return closed;
    },
  };
}

/** What takes work in, and has to stop first when the bus closes. */
class Intakes {
  private readonly open = new Set<Stoppable>();

  add(stoppable: Stoppable): Stoppable {
    this.open.add(stoppable);
    return {
      stop: async () => {
        this.open.delete(stoppable);
        await stoppable.stop();
      },
    };
  }

  async stop(): Promise<void> {
    await Promise.all([...this.open].map((intake) => intake.stop()));
  }
}

async function flush(link: Link): Promise<Outcome<void, 'unavailable' | 'timeout'>> {
  if (link.status !== 'connected') return fail('unavailable', 'Not connected to NATS.');
  link.send();
  const flushed = link.nc.flush().then(
    () => ok(undefined),
    () => fail('unavailable', 'The connection to NATS broke.'),
  );
  return withDeadline(flushed, FLUSH_MS, fail('timeout', 'NATS does not answer.'));
}
