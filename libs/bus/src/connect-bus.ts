import { JetStreamApiError } from '@nats-io/jetstream';
import type { Bus } from './bus.js';
import { connectToNats } from './connect.js';
import { openManager, type Manager } from './jetstream.js';
import { Link } from './link.js';
import { createMetrics } from './metrics.js';
import { assembleBus } from './nats-bus.js';
import { defaults, type ConnectBusOptions } from './options.js';
import { Positions } from './position.js';
import { backoff, sleep } from './sleep.js';
import { ensureStream, wantedStreams } from './streams.js';

const MAX_BACKOFF_MS = 1_000;
const UNAVAILABLE = 503;

/**
 * Connects and makes sure of the streams. Throws an Error of one clear line when that cannot be done within
 * `connectDeadlineMs`: a process without its bus has no reason to start. From then on the connection mends itself.
 */
export async function connectBus(options: ConnectBusOptions): Promise<Bus> {
  const deadlineAt = performance.now() + (options.connectDeadlineMs ?? defaults.connectDeadlineMs);
  const nc = await connectToNats(options);
  const link = new Link(nc, options.logger, createMetrics());
  try {
    const manager = await openManager(link);
    const positions = new Positions(link, manager);
    await ensureUntil(deadlineAt, manager, positions, options);
    link.onStatus((status) => {
      if (status === 'connected') void ensureAgain(link, manager, positions, options);
    });
    return assembleBus(link, manager, positions, options);
  } catch (error) {
    await link.close();
    throw error;
  }
}

async function ensureAll(manager: Manager, positions: Positions, options: ConnectBusOptions): Promise<void> {
  for (const wanted of wantedStreams(options, options.leaseTtlMs ?? defaults.leaseTtlMs)) {
    const info = await ensureStream(manager, wanted);
    if (info.config.name === 'EVENTS' || info.config.name === 'TOPICS') positions.saw(info.config.name, info.created);
  }
}

/** JetStream may still be loading when NATS already accepts connections. */
async function ensureUntil(
  deadlineAt: number,
  manager: Manager,
  positions: Positions,
  options: ConnectBusOptions,
): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await ensureAll(manager, positions, options);
      return;
    } catch (error) {
      const pause = backoff(attempt, MAX_BACKOFF_MS);
      if (!isPassing(error) || performance.now() + pause >= deadlineAt)
        throw new Error(explain(error), { cause: error });
      await sleep(pause);
    }
  }
}

/** After a reconnect the store may be another one: an operator's new volume, a lost disk. */
async function ensureAgain(
  link: Link,
  manager: Manager,
  positions: Positions,
  options: ConnectBusOptions,
): Promise<void> {
  const since = link.connectedSince;
  for (let attempt = 0; link.status === 'connected' && link.connectedSince === since; attempt++) {
    await sleep(backoff(attempt, MAX_BACKOFF_MS));
    try {
      await ensureAll(manager, positions, options);
      return;
    } catch (error) {
      const level = isPassing(error) ? 'debug' : 'error';
      link.logger[level]({ reason: explain(error) }, 'the streams could not be made sure of yet');
    }
  }
}

function isPassing(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return !(cause instanceof JetStreamApiError) || cause.status === UNAVAILABLE;
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // The library does not export the class.
  if (error.cause instanceof Error && error.cause.name === 'JetStreamNotEnabled')
    return 'NATS runs without JetStream; start nats-server with --jetstream';
  return `NATS JetStream refuses the ${error.message}`;
}
