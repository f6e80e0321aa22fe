import { compile } from '@parley/contracts';
import { waitFor } from '@parley/testing';
import { Type, type Static } from '@sinclair/typebox';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { textOf } from './topics-client.js';

const ANSWERED_MS = 10_000;
const PASSED_MS = 30_000;

const Down = Type.Object({
  type: Type.String(),
  request_id: Type.Optional(Type.String()),
  payload: Type.Object({
    message: Type.Optional(Type.String()),
    session_id: Type.Optional(Type.String()),
    reason: Type.Optional(Type.String()),
    candidate: Type.Optional(Type.Union([Type.Object({ candidate: Type.String() }), Type.Null()])),
  }),
});
const downCheck = compile(Down);
type Down = Static<typeof Down>;

/** A device or a viewer, on one connection after another. */
export class WatchClient {
  /** Everything that came, over all connections. */
  readonly heard: Down[] = [];
  closeCode: number | undefined;
  private socket: WebSocket | undefined;
  private requests = 0;

  /** `hello`: the payload of it. */
  constructor(
    private readonly path: '/ws/device' | '/ws/viewer',
    private readonly hello: object,
  ) {}

  /** Resolves when the server knows it. `wsUrl` is a gateway's. */
  async connect(wsUrl: string): Promise<this> {
    const socket = new WebSocket(wsUrl + this.path);
    this.socket = socket;
    this.closeCode = undefined;
    socket.on('message', (data) => {
      const down: unknown = JSON.parse(textOf(data));
      if (!downCheck.is(down)) throw new Error(`not of this protocol: ${textOf(data)}`);
      this.heard.push(down);
    });
    socket.on('error', () => undefined);
    socket.on('close', (code) => {
      if (this.socket === socket) this.closeCode = code;
    });
    await once(socket, 'open');
    const { type, payload } = await this.ask('hello', this.hello);
    if (type !== 'hello_ack') throw new Error(`hello was answered with ${type} ${String(payload.message)}`);
    return this;
  }

  send(type: string, payload: object, requestId?: string): void {
    const frame = { type, request_id: requestId, ts: new Date().toISOString(), payload };
    this.socket?.send(JSON.stringify(frame));
  }

  /** Resolves with the answer, errors too. */
  async ask(type: string, payload: object): Promise<Down> {
    this.requests += 1;
    const id = `${type} ${String(this.requests)}`;
    this.send(type, payload, id);
    return waitFor(() => this.heard.find(({ request_id }) => request_id === id), `the answer to ${id}`, ANSWERED_MS);
  }

  /** The first message of that type which tells of the session. */
  async until(type: string, sessionId: string, deadlineMs = ANSWERED_MS): Promise<Down['payload']> {
    const told = await waitFor(
      () => this.heard.find((one) => one.type === type && one.payload.session_id === sessionId),
      type,
      deadlineMs,
    );
    return told.payload;
  }

  /** Sends a candidate, again when it is refused, until the other one has it. */
  async reaches(other: WatchClient, sessionId: string): Promise<void> {
    await waitFor(async () => await this.passes(other, sessionId), 'a candidate to reach the other side', PASSED_MS);
  }

  private async passes(other: WatchClient, sessionId: string): Promise<boolean> {
    this.requests += 1;
    const mark = `candidate ${this.path} ${String(this.requests)}`;
    this.send('signal_ice', { session_id: sessionId, candidate: { candidate: mark } }, mark);
    const isThere = (): boolean => other.heard.some(({ payload }) => payload.candidate?.candidate === mark);
    const isRefused = (): boolean => this.heard.some(({ request_id }) => request_id === mark);
    await waitFor(() => isThere() || isRefused(), `${mark} to pass or to be refused`, ANSWERED_MS);
    return isThere();
  }

  close(): void {
    this.socket?.close();
  }
}

/** A session whose device has answered. */
export async function watching(device: WatchClient, viewer: WatchClient, deviceId: string): Promise<string> {
  const { payload } = await viewer.ask('watch_request', { device_id: deviceId });
  const { session_id: sessionId } = payload;
  if (sessionId === undefined) throw new Error(`refused: ${String(payload.message)}`);
  viewer.send('signal_offer', { session_id: sessionId, sdp: { type: 'offer', sdp: 'v=0' } });
  await device.until('signal_offer', sessionId);
  device.send('signal_answer', { session_id: sessionId, sdp: { type: 'answer', sdp: 'v=0' } });
  await viewer.until('signal_answer', sessionId);
  return sessionId;
}
