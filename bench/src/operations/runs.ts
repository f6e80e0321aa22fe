import { connectBus, type Bus } from '@parley/bus';
import type { RoomId } from '@parley/contracts';
import { freshDatabase, seededRandom, startNats } from '@parley/testing';
import { startBenchCluster } from '../harness/cluster.js';
import { metricSum } from '../harness/metrics.js';
import { Rig, type Values } from '../harness/rig.js';
import { runBusClients } from './bus-clients.js';
import { Documents, type Writer } from './documents.js';
import { startingText } from './edits.js';

type Later = (end: () => Promise<unknown>) => void;

export interface Case {
  readonly name: string;
  readonly documents: number;
  /** Over all documents. */
  readonly clients: number;
}

/** Runs a case for so long; what comes of it has been checked. */
export type Run = (what: Case, seconds: number) => Promise<Values>;

/** The service inside a process that its package offers for measuring. */
const ROOMS_RIG = '../../services/rooms/dist/testing/bench-rig.js';
const silent = { debug: ignore, info: ignore, warn: ignore, error: ignore };
const { next: random } = seededRandom(3);
const text = startingText(random);

/** By name. All of them keep what they write in the same Postgres, each in a database of its own. */
export async function startRuns(later: Later): Promise<ReadonlyMap<string, Run>> {
  const env = { PARLEY_COLLAB_OPERATIONS_PER_SECOND: '100000' };
  const started = await startBenchCluster(later, { gateways: 1, env });
  const { databaseUrl } = started.cluster;
  return new Map([
    ...(await shareDb(later, databaseUrl)),
    ['Parley, in its process', await inProcess(later, databaseUrl)],
    ...(await parley(later, started)),
  ]);
}

async function shareDb(later: Later, serverUrl: string): Promise<readonly (readonly [string, Run])[]> {
  const database = await freshDatabase(serverUrl);
  const { rig } = await Rig.start('ShareDB', 'operations/sharedb-rig.js');
  later(() => rig.stop());
  await rig.ask('open', { databaseUrl: database.url });
  const run =
    (kind: string, subscribed: number): Run =>
    ({ documents, clients }, seconds) =>
      rig.ask('run', { database: kind, subscribed, documents, clients, seconds });
  return [
    ['ShareDB, memory', run('memory', 0)],
    ['ShareDB, Postgres', run('postgres', 0)],
    ['ShareDB, Postgres, subscribed', run('postgres', 1)],
  ];
}

/** With a NATS of its own, since its shards would be served twice otherwise. */
async function inProcess(later: Later, serverUrl: string): Promise<Run> {
  const nats = await startNats();
  later(() => nats.stop());
  const database = await freshDatabase(serverUrl);
  const env = { PARLEY_NATS_URL: nats.url, PARLEY_DATABASE_URL: database.url };
  const { rig } = await Rig.start('the rooms service', ROOMS_RIG, { env });
  later(() => rig.stop());
  const bus = await connectBus({ servers: nats.url, name: 'bench', logger: silent });
  later(() => bus.close());
  const documents = await Documents.open(bus, later);
  return (what, seconds) =>
    checked(documents, what, async (roomIds) => {
      const writers = await documents.writers(roomIds, what.clients);
      return rig.ask('run', { writers, seconds });
    });
}

async function parley(
  later: Later,
  { cluster, bus, tokens }: Awaited<ReturnType<typeof startBenchCluster>>,
): Promise<readonly (readonly [string, Run])[]> {
  const documents = await Documents.open(bus, later);
  const { rig: sockets } = await Rig.start('the clients', 'operations/socket-clients.js');
  later(() => sockets.stop());
  const { probesUrl } = cluster.process('rooms');
  const counted =
    (work: (what: Case, seconds: number, roomIds: readonly RoomId[]) => Promise<Values>): Run =>
    (what, seconds) =>
      checked(documents, what, async (roomIds) => {
        const before = await metricSum(probesUrl, 'parley_rooms_commits');
        const values = await work(what, seconds, roomIds);
        const commits = (await metricSum(probesUrl, 'parley_rooms_commits')) - before;
        return { ...values, commitsPerOperation: commits / (values['all'] ?? NaN) };
      });
  return [
    ['Parley, over the bus', counted(overTheBus(bus, documents))],
    [
      'Parley, sockets that read',
      counted(({ clients }, seconds, roomIds) =>
        sockets.ask('run', { roomIds, seconds, tokens: tokens.many(clients), ports: [cluster.gateway(1).ports[0]] }),
      ),
    ],
  ];
}

function overTheBus(bus: Bus, documents: Documents) {
  return async ({ clients }: Case, seconds: number, roomIds: readonly RoomId[]): Promise<Values> => {
    const writers: readonly Writer[] = await documents.writers(roomIds, clients);
    return runBusClients(bus, writers, seconds, random);
  };
}

/** The log has what was acknowledged, and nothing else, without a gap; it gives the document. */
async function checked(
  documents: Documents,
  what: Case,
  work: (roomIds: readonly RoomId[]) => Promise<Values>,
): Promise<Values> {
  const roomIds = await documents.make(what.documents, text);
  const values = await work(roomIds);
  const logged = await documents.check(roomIds, text);
  const { all } = values;
  if (logged !== all) throw new Error(`${what.name}: ${all ?? 0} were acknowledged, the logs have ${logged}`);
  return values;
}

function ignore(): void {
  // What goes wrong is seen in the answers.
}
