import { compile } from '@parley/contracts';
import { Type } from '@sinclair/typebox';
import { randomUUID } from 'node:crypto';
import { chatRoom, must, type ChatRoom } from '../chat-room.js';
import { registerMany, type Person } from '../people.js';
import { TopicsClient } from '../topics-client.js';
import { WireClient } from './wire-client.js';

const idCheck = compile(Type.Object({ id: Type.String() }));
const keyCheck = compile(Type.Object({ key: Type.String() }));
const hostCheck = compile(Type.Object({ id: Type.String(), host_token: Type.String() }));
const sessionCheck = compile(Type.Object({ payload: Type.Object({ session_id: Type.String() }) }));

const TOPIC = 'chat.telemetry';

/** As a cluster of `@parley/testing` has them, or one that was started otherwise. */
export interface Gateways {
  /** 1 or 2. */
  gateway(number: number): { readonly url: string; readonly wsUrl: string };
}

interface Watching {
  readonly viewer: WireClient;
  readonly device: WireClient;
  readonly sessionId: string;
}

/**
 * Two users, one on each gateway, who hear each other in every dialect. Each verb says one thing, and resolves when the
 * other side has heard it; `text` is part of what is said.
 */
export class Stage {
  /** What nobody but its owner may ever read. */
  readonly secrets: string[] = [];
  private readonly clients: { close(): unknown }[] = [];

  private constructor(
    private readonly cluster: Gateways,
    private readonly ada: Person,
    private readonly ben: Person,
    private readonly room: ChatRoom,
  ) {
    this.secrets.push(ada.token, ben.token);
  }

  static async open(cluster: Gateways): Promise<Stage> {
    const { url } = cluster.gateway(1);
    const [ada, ben] = await registerMany(url, 2);
    if (ada === undefined || ben === undefined) throw new Error('nobody registered');
    return new Stage(cluster, ada, ben, await chatRoom(url, [ada, ben]));
  }

  close(): void {
    for (const client of this.clients) client.close();
  }

  async chat(text: string): Promise<void> {
    const path = (token: string): string => `/ws/chat?token=${token}`;
    const [one, two] = await Promise.all([this.client(1, path(this.ada.token)), this.client(2, path(this.ben.token))]);
    await Promise.all([one.hears('READY'), two.hears('READY')]);
    one.send({ op: 'HEARTBEAT' });
    await one.hears('HEARTBEAT_ACK');
    await this.rest('POST', `/channels/${this.room.textId}/messages`, { content: text });
    await Promise.all([one.hears(text), two.hears(text)]);
  }

  async topics(text: string): Promise<void> {
    const [one, two] = await Promise.all([
      TopicsClient.connect(this.cluster.gateway(1).wsUrl, this.ada.token),
      TopicsClient.connect(this.cluster.gateway(2).wsUrl, this.ben.token),
    ]);
    this.clients.push({ close: () => one.close() }, { close: () => two.close() });
    await Promise.all([one.subscribe([TOPIC]), two.subscribe([TOPIC])]);
    const heard = new Promise((resolve) => two.ws.on('message', resolve));
    // Under an id of its own: it is the user’s, who may have said something else under the client’s first before.
    await one.ask('Broadcast', { topic: TOPIC, payload: { text } }, randomUUID());
    await heard;
  }

  async collab(text: string): Promise<void> {
    const made = await this.rest('POST', '/rooms', { type: 'text', content: text, public: true });
    if (!idCheck.is(made)) throw new Error('no room');
    const roomId = made.id;
    const [one, two] = await Promise.all([
      this.client(1, '/ws/collab', this.ada.token),
      this.client(2, '/ws/collab', this.ben.token),
    ]);
    for (const client of [one, two]) {
      await client.hears('"connected"');
      client.send(collabMessage('join_room', { roomId }));
      await client.hears('"room_joined"');
    }
    one.send(collabMessage('cursor_move', { x: 1, y: 2, viewportX: 0, viewportY: 0, timestamp: Date.now() }, roomId));
    one.send(collabMessage('operation', { operation: [`${text} again`], version: 1 }, roomId));
    await two.hears('"operation_broadcast"');
  }

  async watch(text: string): Promise<void> {
    const { viewer, device, sessionId } = await this.watching();
    viewer.send(watchMessage('signal_offer', { session_id: sessionId, sdp: { type: 'offer', sdp: text } }));
    await device.hears(text);
  }

  async party(): Promise<void> {
    const made = await this.rest('POST', '/sessions', { name: 'A party' });
    if (!hostCheck.is(made)) throw new Error('no session');
    this.secrets.push(made.host_token);
    const join = (type: 'host' | 'client', more: object) => ({
      ...{ type: 'join', timestamp: Date.now(), sessionId: made.id },
      deviceInfo: { id: randomUUID(), name: `A ${type}`, type },
      ...more,
    });
    const [host, first, second] = await Promise.all([1, 2, 2].map((gateway) => this.client(gateway, '/ws/party')));
    host?.send(join('host', { token: made.host_token }));
    await host?.hears('"welcome"');
    first?.send(join('client', {}));
    await first?.hears('"welcome"');
    await host?.hears('"member_joined"');
    second?.send(join('client', {}));
    await first?.hears('"member_joined"');
  }

  private async watching(): Promise<Watching> {
    const deviceId = `camera-${randomUUID()}`;
    const made = await this.rest('POST', '/devices', { device_id: deviceId, device_name: 'A camera' });
    if (!keyCheck.is(made)) throw new Error('no device');
    this.secrets.push(made.key);
    const [viewer, device] = await Promise.all([this.client(1, '/ws/viewer'), this.client(2, '/ws/device')]);
    viewer.send(watchMessage('hello', { token: this.ada.token }));
    device.send(watchMessage('hello', { device_id: deviceId, key: made.key }));
    await Promise.all([viewer.hears('"hello_ack"'), device.hears('"hello_ack"')]);
    viewer.send(watchMessage('watch_request', { device_id: deviceId }));
    const ready: unknown = JSON.parse(await viewer.hears('"watch_ready"'));
    await device.hears('"watch_request"');
    if (!sessionCheck.is(ready)) throw new Error('no watch session');
    return { viewer, device, sessionId: ready.payload.session_id };
  }

  private async client(gateway: number, path: string, token?: string): Promise<WireClient> {
    const client = new WireClient(this.cluster.gateway(gateway).wsUrl + path, token);
    this.clients.push(client);
    return client.opened();
  }

  private rest(method: string, path: string, body: object): Promise<unknown> {
    return must(method, this.cluster.gateway(1).url + path, this.ada.token, body);
  }
}

function collabMessage(type: string, payload: object, roomId?: string): object {
  const message = { id: randomUUID(), type, version: 1, timestamp: Date.now(), payload };
  return roomId === undefined ? message : { ...message, roomId };
}

function watchMessage(type: string, payload: object): object {
  return { type, ts: new Date().toISOString(), payload };
}
