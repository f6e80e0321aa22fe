import { openServerDocument, type LogEntry, type ServerDocument } from '@parley/ot';
import { text } from '@parley/ot/text';
import type { SeededRandom } from '@parley/testing';
import type { WebSocketConstructor, WebSocketLike } from '../transport/websocket.js';
import { parseJson } from '../transport/check.js';
import { alice, broadcast, envelope, idOf, payloadOf, refusal, roomJoined } from './collab-script.js';
import type { Message } from './scripted-server.js';

/** Keeps so few operations that whoever is away for a while has to load everything anew. */
const LIMITS = { maxLogOperations: 3, maxLogBytes: 100_000, maxContentBytes: 1_000_000, maxTransformWork: 1_000_000 };
const ROOM = 'doc';

interface Operation {
  readonly id: string;
}

interface Happening {
  readonly data: string;
  readonly code: number;
  readonly reason: string;
}

/** One socket without a network: what each side says waits until it is let through. */
class SimulatedSocket implements WebSocketLike {
  binaryType = '';
  readonly bufferedAmount = 0;
  readonly toServer: Message[] = [];
  readonly toClient: unknown[] = [];
  readonly listeners = new Map<string, ((event: Happening) => void)[]>();
  state: 'opening' | 'open' | 'closed' = 'opening';
  joined = false;

  send(data: string | Uint8Array): void {
    const message = typeof data === 'string' ? parseJson(data) : undefined;
    if (this.state === 'open' && isMessage(message)) this.toServer.push(message);
  }

  close(): void {
    this.state = 'closed';
  }

  addEventListener(type: string, listener: (event: Happening) => void): void {
    this.listeners.set(type, [...(this.listeners.get(type) ?? []), listener]);
  }

  tell(type: string, event: Partial<Happening> = {}): void {
    for (const listener of this.listeners.get(type) ?? []) listener({ data: '', code: 1006, reason: '', ...event });
  }
}

function isMessage(value: unknown): value is Message {
  return typeof value === 'object' && value !== null;
}

/** A room's server and the network before it, in the hands of a random number generator. */
export class SimulatedRoom {
  readonly refused = new Set<string>();
  private readonly document: ServerDocument<Operation>;
  private readonly applied = new Map<string, number>();
  private sockets: SimulatedSocket[] = [];
  private troubled = true;

  constructor(private readonly random: SeededRandom) {
    const log: LogEntry<Operation>[] = [];
    const opened = openServerDocument(text, { content: '', version: 1, log }, LIMITS);
    if (!opened.ok) throw new Error(opened.error.message);
    this.document = opened.value;
  }

  get content(): unknown {
    return this.document.content();
  }

  get version(): number {
    return this.document.version;
  }

  /** As a client's `WebSocket`. */
  get WebSocket(): WebSocketConstructor {
    const { sockets } = this;
    return class extends SimulatedSocket {
      constructor() {
        super();
        sockets.push(this);
      }
    };
  }

  /** Nothing is refused any more. */
  calm(): void {
    this.troubled = false;
  }

  /** Lets one thing happen; false: there is nothing under way. */
  step(): boolean {
    const live = this.sockets.filter(({ state }) => state !== 'closed');
    const moves = live.flatMap((socket) => [
      ...(socket.state === 'opening' ? [() => this.open(socket)] : []),
      ...(socket.toServer.length > 0 ? [() => this.hear(socket)] : []),
      ...(socket.toClient.length > 0
        ? [() => socket.tell('message', { data: JSON.stringify(socket.toClient.shift()) })]
        : []),
    ]);
    if (moves.length === 0) return false;
    this.random.pick(moves)();
    return true;
  }

  /** One connection breaks, and what was under way on it is lost. */
  cut(): void {
    const open = this.sockets.filter(({ state }) => state === 'open');
    if (open.length === 0) return;
    const socket = this.random.pick(open);
    socket.state = 'closed';
    socket.tell('close');
  }

  private open(socket: SimulatedSocket): void {
    socket.state = 'open';
    socket.tell('open');
  }

  private hear(socket: SimulatedSocket): void {
    const message = socket.toServer.shift();
    if (message === undefined) return;
    const { type } = message;
    if (type === 'connect') {
      socket.toClient.push(
        envelope('connected', { connectionId: 'c', userId: alice.userId, serverTime: 0, protocol: 1 }),
      );
    } else if (type === 'join_room') this.join(socket, payloadOf(message)['lastSyncVersion']);
    else if (type === 'operation') this.submit(socket, message);
  }

  private join(socket: SimulatedSocket, since: unknown): void {
    const missed = typeof since === 'number' ? this.document.operationsSince(since) : undefined;
    const { version } = this;
    const operations = missed?.map(({ text: operation, tag, baseVersion, version: became }) => ({
      id: tag.id,
      operation: parseJson(operation),
      userId: alice.userId,
      version: baseVersion,
      transformedVersion: became,
    }));
    socket.joined = true;
    socket.toClient.push(
      roomJoined(ROOM, operations === undefined ? { version, content: this.content } : { version, operations }),
    );
  }

  private submit(socket: SimulatedSocket, message: Message): void {
    const [id, { operation, version }] = [idOf(message), payloadOf(message)];
    const known = this.applied.get(id);
    if (known !== undefined) {
      socket.toClient.push(envelope('ack', { messageId: id, version: known }, ROOM));
      return;
    }
    if (this.troubled && this.random.chance(0.1)) {
      socket.toClient.push(refusal(5002, true, { messageId: id }, ROOM));
      return;
    }
    if (this.refused.has(id) || (this.troubled && this.random.chance(0.04))) {
      this.refused.add(id);
      socket.toClient.push(refusal(3001, false, { messageId: id }, ROOM));
      return;
    }
    const staged = this.document.stage(operation, Number(version), { id });
    if (staged.result === 'version_mismatch') {
      socket.toClient.push(refusal(3002, true, { messageId: id, currentVersion: staged.currentVersion }, ROOM));
      return;
    }
    if (staged.result !== 'staged') throw new Error(`a client sent what does not fit: ${JSON.stringify(operation)}`);
    this.document.commit();
    this.applied.set(id, staged.entry.version);
    for (const one of this.sockets.filter(({ state, joined }) => state === 'open' && joined)) {
      const { version: became, text: applied } = staged.entry;
      const ack = envelope('ack', { messageId: id, version: became }, ROOM);
      one.toClient.push(one === socket ? ack : broadcast(ROOM, id, parseJson(applied), became));
    }
  }
}
