import { textType } from '@parley/ot/text';
import { WebSocket } from 'ws';
import { CollaborativeClient, type ClientConfig } from '../collab/collaborative-client.js';
import type { Room } from '../collab/room.js';
import { alice, envelope, letIn, welcome } from './collab-script.js';
import { ManualTimers } from './manual-timers.js';
import { retryNow } from './retry-now.js';
import { ScriptedServer, type Message, type Peer } from './scripted-server.js';

/** A client, a server that says what the test wants, and time that passes when the test lets it. */
export class CollabRig {
  readonly timers = new ManualTimers();
  readonly client: CollaborativeClient;

  private constructor(readonly server: ScriptedServer) {
    this.client = this.make();
  }

  static async start(): Promise<CollabRig> {
    return new CollabRig(await ScriptedServer.start());
  }

  async stop(): Promise<void> {
    this.client.disconnect();
    await this.server.stop();
  }

  make(config: Partial<ClientConfig> = {}): CollaborativeClient {
    const { timers } = this;
    const { url } = this.server;
    return new CollaborativeClient({ url, token: () => 'jwt', types: [textType], WebSocket, timers, ...config });
  }

  /** In the room `doc`. */
  async joined(content = 'abc', version = 1): Promise<{ readonly peer: Peer; readonly room: Room }> {
    void this.client.connect();
    const room = this.client.joinRoom('doc');
    const peer = await this.server.peer();
    await welcome(peer);
    await letIn(peer, { version, content });
    return { peer, room: await room };
  }

  /** The socket is lost; the client comes back and says who it was. */
  async again(peer: Peer): Promise<{ readonly peer: Peer; readonly connect: Message }> {
    peer.terminate();
    await retryNow(this.client, this.timers);
    const next = await this.server.peer();
    return { peer: next, connect: await welcome(next, alice, 'c-alice-2') };
  }
}

export function ack(messageId: string, version: number) {
  return envelope('ack', { messageId, version }, 'doc');
}
