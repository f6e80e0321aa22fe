import { waitFor, within } from '@parley/testing';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';

const DEADLINE_MS = 5_000;

export type Message = Readonly<Record<string, unknown>>;

/** A server that says what a test tells it to say, and keeps what it hears. */
export class ScriptedServer {
  private readonly arrived: Peer[] = [];
  private taken = 0;

  private constructor(
    private readonly server: WebSocketServer,
    readonly url: string,
  ) {
    server.on('connection', (socket, request) => this.arrived.push(new Peer(socket, request)));
  }

  static async start(): Promise<ScriptedServer> {
    const server = new WebSocketServer({
      port: 0,
      host: '127.0.0.1',
      handleProtocols: (protocols) => [...protocols][0] ?? false,
    });
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return new ScriptedServer(server, `ws://127.0.0.1:${String(address.port)}`);
  }

  get connections(): number {
    return this.arrived.length;
  }

  /** The next one that has not been handed out yet. */
  async peer(): Promise<Peer> {
    const index = this.taken++;
    return waitFor(() => this.arrived[index], `connection ${String(index + 1)}`, DEADLINE_MS);
  }

  async stop(): Promise<void> {
    for (const peer of this.arrived) peer.terminate();
    this.server.close();
    await once(this.server, 'close');
  }
}

/** The server's end of one connection. */
export class Peer {
  readonly url: URL;
  readonly protocol: string;
  readonly heard: Message[] = [];
  readonly heardBinary: Uint8Array[] = [];
  readonly closed: Promise<number>;
  private read = 0;

  constructor(
    private readonly socket: WebSocket,
    request: IncomingMessage,
  ) {
    this.url = new URL(request.url ?? '/', 'ws://host');
    this.protocol = socket.protocol;
    socket.on('message', (data, isBinary) => this.take(data, isBinary));
    this.closed = new Promise((resolve) => {
      socket.once('close', (code) => resolve(code));
    });
  }

  /** The next message, which has to be of this kind; others are skipped when they are heartbeats only. */
  async hear(kind: string): Promise<Message> {
    const message = await waitFor(() => this.heard[this.read], `a message ${kind}`, DEADLINE_MS);
    this.read += 1;
    const said = message['type'] ?? message['op'];
    if (said !== kind) throw new Error(`heard ${JSON.stringify(message)} instead of ${kind}`);
    return message;
  }

  say(message: unknown): void {
    this.socket.send(JSON.stringify(message));
  }

  sayBinary(bytes: Uint8Array): void {
    this.socket.send(bytes);
  }

  close(code: number, reason = ''): void {
    this.socket.close(code, reason);
  }

  /** Without a closing handshake. */
  terminate(): void {
    this.socket.terminate();
  }

  async gone(): Promise<number> {
    return within(DEADLINE_MS, 'the close', this.closed);
  }

  private take(data: RawData, isBinary: boolean): void {
    const bytes = Array.isArray(data)
      ? Buffer.concat(data)
      : Buffer.from(data instanceof ArrayBuffer ? new Uint8Array(data) : data);
    if (isBinary) {
      this.heardBinary.push(bytes);
      return;
    }
    const message: unknown = JSON.parse(bytes.toString('utf8'));
    if (!isMessage(message)) throw new Error(`no message: ${bytes.toString('utf8')}`);
    this.heard.push(message);
  }
}

function isMessage(value: unknown): value is Message {
  return typeof value === 'object' && value !== null;
}
