import { compile } from '@parley/contracts';
import { waitFor } from '@parley/testing';
import { Type, type Static } from '@sinclair/typebox';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { textOf } from './topics-client.js';

const HEARTBEAT_MS = 5_000;
/** As the protocol's document prints them. */
const ATTEMPTS = 3;
const RECONNECT_DELAY_MS = 2_000;
const ANSWER_MS = 10_000;

const Down = Type.Object({
  type: Type.String(),
  clientId: Type.Optional(Type.String()),
  code: Type.Optional(Type.String()),
  members: Type.Optional(Type.Array(Type.Object({ id: Type.String(), connectionStatus: Type.String() }))),
  member: Type.Optional(Type.Object({ id: Type.String() })),
  memberId: Type.Optional(Type.String()),
  reason: Type.Optional(Type.String()),
});
const downCheck = compile(Down);
type Down = Static<typeof Down>;

export interface PartySeat {
  readonly sessionId: string;
  readonly hostToken?: string;
}

/**
 * A member as the document's own client is: heartbeats every 5 s, and three attempts, 2 s apart, to come back when the
 * connection is lost. Where to, is asked anew for every attempt, as a load balancer would.
 */
export class PartyClient {
  /** Everything that came, over all connections. */
  readonly heard: Down[] = [];
  /** How long each return took, ms. */
  readonly returns: number[] = [];
  /** Ids that it was welcomed with. */
  readonly ids: string[] = [];
  failed = false;
  private readonly deviceId = randomUUID();
  private socket: WebSocket | undefined;
  private left = false;

  private constructor(
    private readonly seat: PartySeat,
    private readonly where: () => string,
  ) {}

  /** Resolves when it is in. */
  static async join(seat: PartySeat, where: () => string): Promise<PartyClient> {
    const client = new PartyClient(seat, where);
    if (!(await client.attempt())) throw new Error(`not let in: ${JSON.stringify(client.heard.at(-1))}`);
    return client;
  }

  get id(): string {
    return this.ids.at(-1) ?? '';
  }

  get connected(): boolean {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  /** The last list of members that it was told. */
  get members(): NonNullable<Down['members']> {
    return this.heard.findLast(({ members }) => members !== undefined)?.members ?? [];
  }

  statusOf(memberId: string): string | undefined {
    return this.members.find(({ id }) => id === memberId)?.connectionStatus;
  }

  async leave(): Promise<void> {
    this.left = true;
    this.send({ type: 'leave' });
    await waitFor(() => !this.connected, 'the close after leaving');
  }

  /** Without a word, for good. */
  drop(): void {
    this.left = true;
    this.socket?.terminate();
  }

  send(message: object): void {
    this.socket?.send(JSON.stringify({ timestamp: Date.now(), ...message }));
  }

  /** One connection and one join; false when either failed. */
  private async attempt(): Promise<boolean> {
    const socket = new WebSocket(`${this.where()}/ws/party`, { handshakeTimeout: ANSWER_MS });
    this.socket = socket;
    const isIn = await new Promise<boolean>((resolve) => {
      socket.on('open', () => {
        const { sessionId, hostToken } = this.seat;
        const type = hostToken === undefined ? 'client' : 'host';
        const token = hostToken === undefined ? {} : { token: hostToken };
        this.send({ type: 'join', sessionId, deviceInfo: { id: this.deviceId, name: 'A phone', type }, ...token });
      });
      socket.on('message', (data) => {
        const down = this.take(textOf(data));
        if (down.type === 'welcome') resolve(true);
        if (down.type === 'error') resolve(false);
      });
      socket.on('error', () => {
        resolve(false);
      });
      socket.on('close', () => {
        resolve(false);
      });
    });
    if (!isIn) {
      socket.terminate();
      return false;
    }
    const heartbeat = setInterval(() => {
      this.send({ type: 'heartbeat' });
    }, HEARTBEAT_MS);
    socket.once('close', () => {
      clearInterval(heartbeat);
      if (!this.left) void this.comeBack();
    });
    return true;
  }

  private async comeBack(): Promise<void> {
    const since = performance.now();
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      await sleep(RECONNECT_DELAY_MS);
      if (!(await this.attempt())) continue;
      this.returns.push(performance.now() - since);
      return;
    }
    this.failed = true;
  }

  private take(text: string): Down {
    const down: unknown = JSON.parse(text);
    if (!downCheck.is(down)) throw new Error(`not of this protocol: ${text}`);
    this.heard.push(down);
    if (down.clientId !== undefined) this.ids.push(down.clientId);
    return down;
  }
}
