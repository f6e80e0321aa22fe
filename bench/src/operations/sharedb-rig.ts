import { seededRandom } from '@parley/testing';
import { type } from 'ot-text-unicode';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import ShareDB from 'sharedb';
import type { Connection, Doc } from 'sharedb/lib/client/index.js';
import PostgresDB from 'sharedb-postgres';
import { answerCommands, numberOf, stringOf, type Fields } from '../harness/rig-child.js';
import type { Values } from '../harness/rig.js';
import { ClosedLoop } from './closed-loop.js';
import { isEdit, randomEdit, replay, startingText, type Edit } from './edits.js';

/**
 * ShareDB with its own clients in one process: no socket, no serialization for one, which is in its favour. Its documents are
 * of the same type as ours.
 */
const COLLECTION = 'texts';
/** More connections made it no faster. */
const POOL = 20;

const random = seededRandom(4);
const next = (): number => random.next();
const backends = new Map<string, { readonly backend: ShareDB; readonly commits: () => number }>();
let made = 0;

ShareDB.types.register(type);

async function open(fields: Fields): Promise<Values> {
  const postgres = PostgresDB({ connectionString: stringOf(fields, 'databaseUrl'), max: POOL });
  const structure = createRequire(import.meta.url).resolve('sharedb-postgres/structure.sql');
  await postgres._pool.query(await readFile(structure, 'utf8'));
  add('postgres', postgres);
  add('memory', new ShareDB.MemoryDB());
  return {};
}

/** Every attempt to commit is a transaction of its own, whether it comes first or has to be made again. */
function add(name: string, db: ShareDB.DB): void {
  let commits = 0;
  const commit = db.commit.bind(db);
  db.commit = (...args) => {
    commits += 1;
    commit(...args);
  };
  backends.set(name, { backend: new ShareDB({ db }), commits: () => commits });
}

async function run(fields: Fields): Promise<Values> {
  const known = backends.get(stringOf(fields, 'database'));
  if (known === undefined) throw new Error('no such database');
  const { backend, commits } = known;
  const before = commits();
  const text = startingText(next);
  const ids = Array.from({ length: numberOf(fields, 'documents') }, () => `text-${++made}`);
  for (const id of ids) await called((done) => backend.connect().get(COLLECTION, id).create(text, type.uri, done));
  const clients = await Promise.all(
    Array.from({ length: numberOf(fields, 'clients') }, async (_, index) => {
      const connection = backend.connect();
      const doc: Doc = connection.get(COLLECTION, ids[index % ids.length] ?? '');
      const subscribes = numberOf(fields, 'subscribed') === 1;
      await called((done) => (subscribes ? doc.subscribe(done) : doc.fetch(done)));
      return { connection, doc };
    }),
  );
  const created = commits() - before;
  const loop = new ClosedLoop(numberOf(fields, 'seconds'));
  for (const { doc } of clients) edit(doc, loop);
  const values = await loop.done();
  const committed = commits() - before - created;
  let logged = 0;
  for (const id of ids) logged += await check(backend, id, text);
  for (const { connection } of clients) connection.close();
  const { all = 0 } = values;
  if (logged !== all) throw new Error(`${all} operations were acknowledged, ${logged} are in the logs`);
  return { ...values, commitsPerOperation: committed / all };
}

function edit(doc: Doc, loop: ClosedLoop): void {
  const sentAt = loop.sent();
  doc.submitOp(randomEdit(textOf(doc).length, next), {}, (error: unknown) => {
    if (error !== undefined && error !== null) loop.fail(new Error('ShareDB refused an operation', { cause: error }));
    loop.acknowledged(sentAt);
    if (loop.open) edit(doc, loop);
  });
}

/** Versions without a gap, which give the document. How many there are. */
async function check(backend: ShareDB, id: string, text: string): Promise<number> {
  const { db } = backend;
  const log = await asked((done) => {
    db.getOps(COLLECTION, id, 0, null, {}, done);
  });
  const edits = (Array.isArray(log) ? log : []).map(loggedEdit).slice(1);
  const connection: Connection = backend.connect();
  const doc: Doc = connection.get(COLLECTION, id);
  await called((done) => {
    doc.fetch(done);
  });
  const { version } = doc;
  connection.close();
  if (version !== edits.length + 1) throw new Error(`${id} is at version ${version}, its log at ${edits.length + 1}`);
  if (replay(text, edits) !== textOf(doc)) throw new Error(`the log of ${id} does not give the document`);
  return edits.length;
}

function textOf(doc: Doc): string {
  const text: unknown = doc.data;
  return typeof text === 'string' ? text : '';
}

function loggedEdit(entry: unknown, version: number): Edit {
  if (typeof entry !== 'object' || entry === null) throw new Error('the log holds something else');
  if ('v' in entry && entry.v !== version) throw new Error(`version ${version} is missing`);
  const edit: unknown = 'op' in entry ? entry.op : [];
  if (!isEdit(edit)) throw new Error(`version ${version} is no edit`);
  return edit;
}

function called(call: (done: (error?: unknown) => void) => void): Promise<unknown> {
  return asked(call);
}

function asked(call: (done: (error?: unknown, value?: unknown) => void) => void): Promise<unknown> {
  return new Promise((resolve, reject) => {
    call((error, value) => {
      if (error === undefined || error === null) resolve(value);
      else reject(error instanceof Error ? error : new Error('ShareDB failed'));
    });
  });
}

answerCommands({ open, run });
