import {
  DiscardPolicy,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
  type StreamInfo,
  type StreamUpdateConfig,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { streams, type StreamName } from '@parley/contracts';
import { errorCode, type Manager } from './jetstream.js';
import type { ConnectBusOptions, StreamLimits } from './options.js';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const GIB = 1024 ** 3;
const MIB = 1024 ** 2;
const DEDUPLICATION_MS = 2 * MINUTE;
const NOT_FOUND = 10_059;
const NAME_IN_USE = 10_058;
const TRIES = 5;

export const LEASES = 'gateways';
export const ANSWERS = 'answers';
const ANSWERS_TTL_MS = 2 * MINUTE;

/** 0 means without limit, here and where we compare; JetStream says 0 or -1. */
interface Limits {
  readonly maxAgeMs: number;
  readonly maxBytes: number;
  readonly maxPerSubject: number;
}

type Wanted = Pick<StreamConfig, 'name'> &
  Partial<StreamConfig> & {
    readonly limits: Limits;
    /** Nobody asked for limits: an existing stream keeps its own. */ readonly modest: boolean;
  };

/** Everything the bus stores, as it should be. */
export function wantedStreams(options: ConnectBusOptions, leaseTtlMs: number): readonly Wanted[] {
  const replicas = options.replicas ?? 1;
  return [
    eventStream('EVENTS', { maxAgeMs: 10 * MINUTE, maxBytes: GIB, maxPerSubject: 0 }, options.events, replicas),
    eventStream('TOPICS', { maxAgeMs: 30 * DAY, maxBytes: GIB, maxPerSubject: 10_000 }, options.topics, replicas),
    bucket(LEASES, { maxAgeMs: leaseTtlMs, maxBytes: 16 * MIB, maxPerSubject: 1 }, replicas),
    bucket(ANSWERS, { maxAgeMs: ANSWERS_TTL_MS, maxBytes: 256 * MIB, maxPerSubject: 1 }, replicas),
  ];
}

/** Makes or widens one. Several processes may do so at once: whoever comes second finds it done. */
export async function ensureStream(manager: Manager, wanted: Wanted): Promise<StreamInfo> {
  for (let tried = 1; ; tried++) {
    try {
      const found = await find(manager, wanted.name);
      if (found === undefined) return await manager.streams.add(creation(wanted));
      const changes = widen(found.config, wanted);
      return changes === undefined ? found : await manager.streams.update(wanted.name, changes);
    } catch (error) {
      // Made by another process between our look and our attempt.
      if (errorCode(error) === NAME_IN_USE && tried < TRIES) continue;
      const said = error instanceof Error ? error.message : String(error);
      throw new Error(`stream ${wanted.name}: ${said}`, { cause: error });
    }
  }
}

function eventStream(name: StreamName, base: Limits, asked: StreamLimits | undefined, replicas: number): Wanted {
  const { subjects, republish } = streams[name];
  const limits = { ...base, ...asked };
  return {
    name,
    subjects: [subjects],
    republish: { src: subjects, dest: republish },
    duplicate_window: nanos(limits.maxAgeMs > 0 ? Math.min(limits.maxAgeMs, DEDUPLICATION_MS) : DEDUPLICATION_MS),
    allow_direct: true,
    num_replicas: replicas,
    limits,
    modest: asked === undefined,
  };
}

/** Laid out as the key-value stores of NATS are, so that its tools can read them. */
function bucket(name: string, limits: Limits, replicas: number): Wanted {
  return {
    name: `KV_${name}`,
    subjects: [`$KV.${name}.>`],
    duplicate_window: nanos(Math.min(limits.maxAgeMs, DEDUPLICATION_MS)),
    allow_direct: true,
    allow_rollup_hdrs: true,
    deny_delete: true,
    num_replicas: replicas,
    limits,
    modest: false,
  };
}

async function find(manager: Manager, name: string): Promise<StreamInfo | undefined> {
  try {
    return await manager.streams.info(name);
  } catch (error) {
    if (errorCode(error) === NOT_FOUND) return undefined;
    throw error;
  }
}

function creation({ limits, modest: _modest, ...config }: Wanted): Partial<StreamConfig> & { name: string } {
  return {
    ...config,
    // On nats-server 2.9 memory storage is 10 to 40 times slower than file storage.
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    max_age: nanos(limits.maxAgeMs),
    max_bytes: limits.maxBytes === 0 ? -1 : limits.maxBytes,
    max_msgs_per_subject: limits.maxPerSubject === 0 ? -1 : limits.maxPerSubject,
  };
}

/** What must change; undefined when nothing does. Limits only grow, whoever starts last. */
function widen(has: StreamConfig, wanted: Wanted): Partial<StreamUpdateConfig> | undefined {
  const changes: Partial<StreamUpdateConfig> = {};
  if (!wanted.modest) {
    const age = larger(has.max_age, nanos(wanted.limits.maxAgeMs));
    if (age !== has.max_age) changes.max_age = age === -1 ? 0 : age;
    const bytes = larger(has.max_bytes, wanted.limits.maxBytes);
    if (bytes !== has.max_bytes) changes.max_bytes = bytes;
    const perSubject = larger(has.max_msgs_per_subject, wanted.limits.maxPerSubject);
    if (perSubject !== has.max_msgs_per_subject) changes.max_msgs_per_subject = perSubject;
  }
  const replicas = wanted.num_replicas ?? 1;
  if (replicas > has.num_replicas) changes.num_replicas = replicas;
  if (!has.allow_direct) changes.allow_direct = true;
  const missing = (wanted.subjects ?? []).filter((subject) => !has.subjects.includes(subject));
  if (missing.length > 0) changes.subjects = [...has.subjects, ...missing];
  const { republish } = wanted;
  if (republish !== undefined && (has.republish?.src !== republish.src || has.republish.dest !== republish.dest)) {
    changes.republish = republish;
  }
  return Object.keys(changes).length === 0 ? undefined : changes;
}

/** Of two limits, where 0 and less mean none; what the stream has wins where both mean the same. */
function larger(has: number, wanted: number): number {
  if (has <= 0) return has;
  if (wanted <= 0) return -1;
  return Math.max(has, wanted);
}
