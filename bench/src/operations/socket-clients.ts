import { seededRandom } from '@parley/testing';
import { randomUUID } from 'node:crypto';
import { FrameReader } from '../clients/frame-reader.js';
import { maskedText } from '../clients/frames.js';
import { RawSocket } from '../clients/raw-socket.js';
import { answerCommands, numberOf, stringsOf, type Fields } from '../harness/rig-child.js';
import type { Values } from '../harness/rig.js';
import { ClosedLoop } from './closed-loop.js';
import { growthOf, Lengths, randomEdit, type Edit } from './edits.js';

/**
 * Clients on sockets that write and read. Each of them sees every operation of its document, and that none is missing, but
 * does not look into those of others: so many clients in one process must not cost more than what is measured.
 */
const { next: random } = seededRandom(7);

/** `{"id":"<36 characters>","type":"`: the first letter of a type tells enough. */
const TYPE_AT = 53;
const [ACK, BROADCAST, JOINED, ERROR] = ['a', 'o', 'r', 'e'].map((letter) => letter.charCodeAt(0));
const [ZERO, NINE] = [0x30, 0x39];
/** `}}` follows the version in acknowledgments and broadcasts. */
const BEHIND_VERSION = 2;
const JOIN_MS = 20_000;
const CATCH_UP_MS = 10_000;

let loop: ClosedLoop | undefined;
let received = 0;
let bytes = 0;

class Client {
  /** Up to which it has seen everything. */
  version = 0;
  private readonly reader = new FrameReader((data, start, end) => {
    this.heard(data, start, end);
  });
  private raw: RawSocket | undefined;
  private underway: { readonly sentAt: number; readonly edit: Edit } | undefined;
  private settle: { joined(): void; refused(error: Error): void } | undefined;

  constructor(
    private readonly roomId: string,
    private readonly known: Lengths,
  ) {}

  async open(port: number, token: string): Promise<void> {
    this.raw = await RawSocket.open({ port, path: '/ws/collab', token, ready: 1 }, () => undefined);
    this.raw.listener = (chunk) => {
      bytes += chunk.length;
      this.reader.take(chunk);
    };
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('a room was not joined in time')), JOIN_MS);
      this.settle = { joined: resolve, refused: reject };
      this.send('join_room', `{"roomId":"${this.roomId}"}`);
      timer.unref();
    });
  }

  write(): void {
    if (loop === undefined) return;
    const base = this.version;
    const edit = randomEdit(this.known.atLeast(base), random);
    this.underway = { sentAt: loop.sent(), edit };
    this.send('operation', `{"operation":${JSON.stringify(edit)},"version":${base}}`);
  }

  close(): void {
    this.raw?.socket.destroy();
  }

  private send(type: string, payload: string): void {
    const head = `{"id":"${randomUUID()}","type":"${type}","version":1,"timestamp":${Date.now()}`;
    this.raw?.socket.write(maskedText(`${head},"payload":${payload}}`));
  }

  private heard(data: Buffer, start: number, end: number): void {
    switch (data[start + TYPE_AT]) {
      case BROADCAST:
        received += 1;
        this.passed(data, end);
        return;
      case ACK:
        this.acknowledged(this.passed(data, end));
        return;
      case JOINED:
        this.version = versionIn(data.toString('utf8', start, end));
        this.settle?.joined();
        return;
      case ERROR:
        this.refused(data.toString('utf8', start, end));
        return;
      default:
    }
  }

  /** The version that the document has become. */
  private passed(data: Buffer, end: number): number {
    let version = 0;
    let unit = 1;
    for (let at = end - BEHIND_VERSION - 1; ; at--, unit *= 10) {
      const digit = data[at] ?? 0;
      if (digit < ZERO || digit > NINE) break;
      version += (digit - ZERO) * unit;
    }
    if (version !== this.version + 1) this.refused(`version ${version} came after ${this.version}`);
    this.version = version;
    return version;
  }

  private acknowledged(version: number): void {
    if (loop === undefined || this.underway === undefined) return;
    const { sentAt, edit } = this.underway;
    this.known.learn(version, growthOf(edit));
    this.underway = undefined;
    loop.acknowledged(sentAt);
    if (loop.open) this.write();
  }

  private refused(what: string): void {
    const error = new Error(what);
    this.settle?.refused(error);
    loop?.fail(error);
  }
}

async function run(fields: Fields): Promise<Values> {
  const roomIds = stringsOf(fields, 'roomIds');
  const ports = Array.isArray(fields['ports']) ? fields['ports'].map(Number) : [];
  const known = roomIds.map(() => new Lengths());
  const clients: Client[] = [];
  try {
    for (const [index, token] of stringsOf(fields, 'tokens').entries()) {
      const room = index % roomIds.length;
      const client = new Client(roomIds[room] ?? '', known[room] ?? new Lengths());
      clients.push(client);
      await client.open(ports[index % ports.length] ?? 0, token);
    }
    [received, bytes] = [0, 0];
    loop = new ClosedLoop(numberOf(fields, 'seconds'));
    for (const client of clients) client.write();
    const values = await loop.done();
    await everyoneHasAll(clients, roomIds.length);
    return { ...values, received, bytes };
  } finally {
    loop = undefined;
    for (const client of clients) client.close();
  }
}

/** The last operations may still be on their way to some. */
async function everyoneHasAll(clients: readonly Client[], documents: number): Promise<void> {
  const until = performance.now() + CATCH_UP_MS;
  const isBehind = ({ version }: Client, index: number): boolean =>
    version < newest(clients, index % documents, documents);
  while (clients.some(isBehind)) {
    if (performance.now() > until) throw new Error('not everyone has every operation');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function newest(clients: readonly Client[], document: number, documents: number): number {
  let version = 0;
  for (let index = document; index < clients.length; index += documents) {
    version = Math.max(version, clients[index]?.version ?? 0);
  }
  return version;
}

function versionIn(text: string): number {
  const message: unknown = JSON.parse(text);
  const payload = memberOf(message, 'payload');
  return Number(memberOf(payload, 'version'));
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(name) : undefined;
}

answerCommands({ run });
