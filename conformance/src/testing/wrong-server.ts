import { createHash } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { at, isRecord } from '../match.js';

/** The one thing that a server gets wrong; `nothing`: all that it knows, it does right. */
export type Mistake =
  | 'nothing'
  | 'takes any token'
  | 'another protocol version'
  | 'another timestamp'
  | 'Ack before Status'
  | 'no Ack'
  | 'wrong message_id'
  | 'delivers per subscription'
  | 'parses payloads'
  | 'closes on bad input'
  | 'silent on bad input'
  | 'never strikes'
  | 'wrong checksum'
  | 'delivers repetitions';

export interface WrongServer {
  readonly url: string;
  stop(): Promise<void>;
}

interface Peer {
  readonly socket: WebSocket;
  readonly user: string;
  readonly patterns: Set<string>;
  strikes: number;
}

/** Knows a fraction of the protocol, enough to be mistaken about it: one process, exact topics and `*`, no storage. */
export async function startWrongServer(mistake: Mistake, tokens: readonly string[]): Promise<WrongServer> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await new Promise((resolve) => server.once('listening', resolve));
  const room = new Room(mistake);
  server.on('connection', (socket, request) => {
    const token = new URL(request.url ?? '/', 'ws://here').searchParams.get('token');
    if (mistake !== 'takes any token' && (token === null || !tokens.includes(token))) {
      socket.send(JSON.stringify(errorOf(401)));
      socket.close(1008);
      return;
    }
    room.enter(socket, token ?? '');
  });
  const { port } = addressOf(server);
  return {
    url: `ws://127.0.0.1:${String(port)}/ws`,
    async stop() {
      for (const client of server.clients) client.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

class Room {
  readonly #peers = new Set<Peer>();
  readonly #answers = new Map<string, object>();
  #ids = 0;

  constructor(private readonly mistake: Mistake) {}

  enter(socket: WebSocket, user: string): void {
    const peer: Peer = { socket, user, patterns: new Set(), strikes: 0 };
    this.#peers.add(peer);
    socket.on('close', () => this.#peers.delete(peer));
    socket.on('message', (data, binary) => {
      const bytes = Buffer.isBuffer(data) ? data : Buffer.alloc(0);
      if (binary) this.#binary(peer, bytes);
      else this.#text(peer, bytes.toString());
    });
    const details = {
      connection_id: this.#uuid(),
      server_time: Date.now(),
      protocol_version: this.mistake === 'another protocol version' ? '2.0' : '1.0',
      features: ['broadcast', 'direct_message', 'presence', 'history'],
    };
    send(peer, { type: 'Status', data: { status: 'connected', details } });
  }

  #text(peer: Peer, text: string): void {
    const message = parsed(text);
    const id = at(message, 'id');
    const data = at(message, 'data');
    switch (at(message, 'type')) {
      case 'Ping':
        this.#ping(peer, data, id);
        break;
      case 'Subscribe':
        this.#subscribe(peer, data, id);
        break;
      case 'Broadcast':
        this.#broadcast(peer, data, id, text);
        break;
      default:
        this.#bad(peer, id);
    }
  }

  #ping(peer: Peer, data: unknown, id: unknown): void {
    const timestamp = at(data, 'timestamp');
    if (typeof timestamp !== 'number') {
      this.#bad(peer, id);
      return;
    }
    send(peer, { type: 'Pong', data: { timestamp: this.mistake === 'another timestamp' ? timestamp + 1 : timestamp } });
    this.#ack(peer, id, 'answered');
  }

  #subscribe(peer: Peer, data: unknown, id: unknown): void {
    const topics = at(data, 'topics');
    if (!Array.isArray(topics)) {
      this.#bad(peer, id);
      return;
    }
    for (const topic of topics) peer.patterns.add(String(topic));
    const details = { topics, active_subscriptions: peer.patterns.size };
    const status = { type: 'Status', data: { status: 'subscribed', details } };
    if (this.mistake === 'Ack before Status') this.#ack(peer, id, 'subscribed');
    send(peer, status);
    if (this.mistake !== 'Ack before Status') this.#ack(peer, id, 'subscribed');
  }

  #broadcast(peer: Peer, data: unknown, id: unknown, text: string): void {
    const [topic, payload] = [at(data, 'topic'), at(data, 'payload')];
    if (typeof topic !== 'string' || payload === undefined) {
      this.#bad(peer, id);
      return;
    }
    const key = `${peer.user} ${String(id)} ${text}`;
    const earlier = id === undefined ? undefined : this.#answers.get(key);
    if (earlier !== undefined && this.mistake !== 'delivers repetitions') {
      send(peer, earlier);
      return;
    }
    const raw = this.mistake === 'parses payloads' ? JSON.stringify(payload) : rawPayload(text, payload);
    const metadata = JSON.stringify({ sent_at: Date.now(), message_id: this.#uuid() });
    const frame = `{"type":"Broadcast","data":{"topic":"${topic}","payload":${raw},"metadata":${metadata}}}`;
    let recipients = 0;
    for (const other of this.#peers) {
      const matching = [...other.patterns].filter((pattern) => fits(pattern, topic)).length;
      if (matching === 0) continue;
      recipients += 1;
      const copies = this.mistake === 'delivers per subscription' ? matching : 1;
      for (let n = 0; n < copies; n++) other.socket.send(frame);
    }
    if (typeof id !== 'string') return;
    const answer = { type: 'Ack', data: { message_id: id, status: 'delivered', recipients } };
    this.#answers.set(key, answer);
    if (this.mistake !== 'no Ack') send(peer, answer);
  }

  #binary(peer: Peer, bytes: Buffer): void {
    const type = [undefined, 'broadcast', 'direct_message', 'file_transfer', 'stream_data'][bytes[0] ?? 0];
    const body = bytes.subarray(5);
    if (type === undefined || bytes.length < 5 || bytes.readUInt32BE(1) !== body.length) {
      this.#bad(peer, undefined);
      return;
    }
    const hash = createHash(this.mistake === 'wrong checksum' ? 'sha224' : 'sha256')
      .update(body)
      .digest('hex');
    const details = { size: body.length, type, checksum: `sha256:${hash}` };
    send(peer, { type: 'Status', data: { status: 'binary_received', details } });
  }

  #ack(peer: Peer, id: unknown, status: string): void {
    if (typeof id !== 'string' || this.mistake === 'no Ack') return;
    const messageId = this.mistake === 'wrong message_id' ? `${id}?` : id;
    send(peer, { type: 'Ack', data: { message_id: messageId, status } });
  }

  #bad(peer: Peer, id: unknown): void {
    peer.strikes += 1;
    if (this.mistake === 'silent on bad input') return;
    const details = typeof id === 'string' ? { field: 'type', message_id: id } : { field: 'frame' };
    send(peer, errorOf(400, details));
    if (this.mistake === 'closes on bad input') peer.socket.close(1008);
    if (peer.strikes >= 20 && this.mistake !== 'never strikes') peer.socket.close(1008);
  }

  #uuid(): string {
    this.#ids += 1;
    return `00000000-0000-7000-8000-${String(this.#ids).padStart(12, '0')}`;
  }
}

function errorOf(code: number, details: object = {}): object {
  return { type: 'Error', data: { code, message: 'no', details } };
}

function send({ socket }: Peer, message: object): void {
  socket.send(JSON.stringify(message));
}

function fits(pattern: string, topic: string): boolean {
  const [wanted, given] = [pattern.split('.'), topic.split('.')];
  const open = wanted.at(-1) === '>';
  if (open ? given.length < wanted.length : given.length !== wanted.length) return false;
  return wanted.every((token, n) => token === '*' || token === '>' || token === given[n]);
}

/** The payload's own characters; scenarios write it last in `data`. */
function rawPayload(text: string, payload: unknown): string {
  const start = text.indexOf('"payload":') + '"payload":'.length;
  for (let end = text.length; end > start; end--) {
    const raw = text.slice(start, end);
    if (JSON.stringify(parsed(raw)) === JSON.stringify(payload)) return raw;
  }
  return JSON.stringify(payload);
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

function addressOf(server: WebSocketServer): AddressInfo {
  const address = server.address();
  if (!isRecord(address) || typeof address === 'string') throw new Error('the server has no port');
  return address;
}
