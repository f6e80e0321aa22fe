import { connectBus } from '@parley/bus';
import { loadOptions } from '@parley/config';
import { compile, rooms } from '@parley/contracts';
import { createDatabase, migrate, type Database } from '@parley/database';
import { createLogger } from '@parley/telemetry';
import { seededRandom } from '@parley/testing';
import type { Static } from '@sinclair/typebox';
import { randomUUID } from 'node:crypto';
import { roomsOptions } from '../rooms.options.js';
import { RoomsReplica } from '../rooms-replica.js';
import type { RoomsTables } from '../rooms.tables.js';
import { submitOperation } from '../submit-operation.js';

/**
 * The service as a process of its own, whose operations come from inside it: everything from the parsing of a body to the commit
 * and the announcement, without the request over NATS. Driven over IPC by the benchmarks: `{ id, command, … }` is answered
 * `{ id, value }`, where every value is a number.
 */
type Fields = Readonly<Record<string, unknown>>;
type Values = Readonly<Record<string, number>>;
type Request = Static<typeof rooms.submit.request>;

const logger = createLogger('bench', { level: 'warn' });
const database = createDatabase<RoomsTables>({
  url: process.env['PARLEY_DATABASE_URL'] ?? '',
  schema: 'rooms',
  logger,
});
await migrate(database, new URL('../../migrations/', import.meta.url));
const bus = await connectBus({ servers: process.env['PARLEY_NATS_URL'] ?? '', name: 'rooms', logger });
const options = loadOptions(roomsOptions, {});
let commits = 0;
/** What writes operations is the only prepared statement. */
const counting: Database<RoomsTables> = {
  ...database,
  prepared: (name, statement) => {
    commits += 1;
    return database.prepared(name, statement);
  },
};
const replica = new RoomsReplica({ bus, database: counting, options, logger, instanceId: randomUUID() });
await replica.start();

const requestCheck = compile(rooms.submit.request);
const random = seededRandom(11);
const LETTERS = random.text(64);
const LONGEST = 5;
const LENGTH = 2_000;
/** At least as long is each document, when all that is on its way is taken away. */
const lengths = new Map<string, number>();

async function run({ writers, seconds }: Fields): Promise<Values> {
  const started = listOf(writers);
  const endsAt = performance.now() + Number(seconds) * 1_000;
  const samples: number[] = [];
  const before = commits;
  const counts = await Promise.all(started.map((writer) => write(writer, started.length * LONGEST, endsAt, samples)));
  const sorted = Float64Array.from(samples).sort();
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
  const all = counts.reduce((sum, count) => sum + count, 0);
  const commitsPerOperation = (commits - before) / all;
  return { all, perSecond: samples.length / Number(seconds), p50: at(0.5), p99: at(0.99), commitsPerOperation };
}

/** One operation after the other until then. How many they were. */
async function write(writer: unknown, margin: number, endsAt: number, samples: number[]): Promise<number> {
  if (typeof writer !== 'object') throw new Error('no writer');
  let count = 0;
  while (performance.now() < endsAt) {
    const sentAt = performance.now();
    const request: unknown = { ...writer, operationId: randomUUID(), baseVersion: 1 };
    if (!requestCheck.is(request)) throw new Error('no writer');
    const answer = await submit(request, margin);
    if (!answer.ok || answer.value.result !== 'accepted') throw new Error(JSON.stringify(answer));
    const now = performance.now();
    count += 1;
    if (now <= endsAt) samples.push(now - sentAt);
  }
  return count;
}

/** Made on what is committed now, as by a client that has just heard of it. */
async function submit(request: Request, margin: number) {
  const { roomId } = request;
  const room = await replica.core.directory.open(roomId);
  const version = room.ok ? room.value.document?.version : undefined;
  if (version === undefined) throw new Error('no document');
  const length = lengths.get(roomId) ?? LENGTH;
  const count = random.int(1, LONGEST);
  const inserts = random.chance(length < LENGTH ? 0.6 : 0.4);
  const position = random.int(0, length - margin - count);
  lengths.set(roomId, length + (inserts ? count : -count));
  const edit = [position, inserts ? LETTERS.slice(0, count) : { d: count }];
  return submitOperation(replica.core, { ...request, baseVersion: version }, Buffer.from(JSON.stringify(edit)));
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

const commands: Readonly<Record<string, (fields: Fields) => Values | Promise<Values>>> = {
  run,
  cpu: () => {
    const { user, system } = process.cpuUsage();
    return { user, system };
  },
};

process.on('message', (message) => {
  if (typeof message !== 'object' || message === null || !('command' in message) || !('id' in message)) return;
  const { id, command, ...fields } = message;
  void answer(id, commands[String(command)], fields);
});
process.on('disconnect', () => process.exit());
process.send?.({ id: 0, value: {} });

async function answer(
  id: unknown,
  command: ((fields: Fields) => Values | Promise<Values>) | undefined,
  fields: Fields,
) {
  try {
    process.send?.({ id, value: (await command?.(fields)) ?? {} });
  } catch (error) {
    process.send?.({ id, error: String(error) });
  }
}
