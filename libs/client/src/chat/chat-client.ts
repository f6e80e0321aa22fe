import { Connection } from '../transport/connection.js';
import type { ConnectionConfig } from '../transport/connection-options.js';
import type { ConnectionStatus } from '../transport/connection-status.js';
import { Emitter, type Handler } from '../transport/emitter.js';
import { frameOf } from '../transport/frame-size.js';
import type { ReceivedFrame } from '../transport/line.js';
import { ParleyError } from '../transport/parley-error.js';
import type { WaitOptions } from '../transport/wait.js';
import { endpointUrl } from '../transport/websocket.js';
import {
  envelopeOf,
  errorOf,
  isDeleted,
  isMessage,
  isPresence,
  isReady,
  isVoiceSignal,
  isVoiceState,
  isWireError,
  type ChatMessage,
  type ChatPresence,
  type ChatReady,
  type DeletedMessage,
  type Envelope,
  type VoiceSignal,
  type VoiceState,
} from './chat-messages.js';

export interface ChatEvents {
  status: readonly [status: ConnectionStatus];
  /** After every connect: who you are, and your servers. `resumed: false`: load messages afresh, something was missed. */
  ready: readonly [ready: ChatReady];
  messageCreated: readonly [message: ChatMessage];
  messageUpdated: readonly [message: ChatMessage];
  messageDeleted: readonly [message: DeletedMessage];
  presence: readonly [presence: ChatPresence];
  voiceState: readonly [state: VoiceState];
  voiceSignal: readonly [signal: VoiceSignal];
  error: readonly [error: ParleyError];
}

export type ChatStatus = 'online' | 'idle' | 'dnd' | 'offline';

const PATH = '/ws/chat';

/** The socket of `chat`; what is asked over REST is in `ChatRest`. */
export class ChatClient {
  private readonly events = new Emitter<ChatEvents>();
  private readonly connection: Connection;
  /** Everything up to here has been dispatched. */
  private sequence: number | undefined;

  constructor(config: ConnectionConfig) {
    this.connection = new Connection(config, {
      endpoint: (token) => {
        const url = endpointUrl(config.url, PATH);
        if (this.sequence !== undefined) url.searchParams.set('since', String(this.sequence));
        // As a subprotocol: a URL would be written to logs on the way.
        return { url: url.href, protocols: [`access_token.${token}`] };
      },
      heartbeat: () => '{"op":"HEARTBEAT"}',
      renewal: (token) => JSON.stringify({ op: 'AUTH', d: { token } }),
      received: (frame) => this.received(frame),
      moved: (status) => this.events.emit('status', status),
    });
  }

  get status(): ConnectionStatus {
    return this.connection.status;
  }

  /** Resolves when READY has come. Only `disconnect()`, or a refusal for good, ends the attempts. */
  connect(options?: WaitOptions): Promise<void> {
    return this.connection.connect(options);
  }

  /** The next `connect()` resumes where this one ends, as far as the server remembers. */
  disconnect(): void {
    this.connection.disconnect();
  }

  on<K extends keyof ChatEvents>(event: K, handler: Handler<ChatEvents[K]>): () => void {
    return this.events.on(event, handler);
  }

  off<K extends keyof ChatEvents>(event: K, handler: Handler<ChatEvents[K]>): void {
    this.events.off(event, handler);
  }

  /** What others see, also after a reconnect. `offline` is invisible. Throws `offline` without a connection. */
  setStatus(status: ChatStatus): void {
    this.send({ op: 'PRESENCE_UPDATE', d: { status } });
  }

  /**
   * To every connection of a user in the same voice channel. Signals are not kept for later: an offer that comes late does
   * harm. A refused one is told by `error`.
   */
  sendVoiceSignal(toUserId: string, signal: unknown): void {
    this.send({ op: 'VOICE_SIGNAL', d: { to_user_id: toUserId, signal } });
  }

  private send(message: unknown): void {
    const sent = this.connection.send(frameOf(message));
    if (sent === 'offline') throw new ParleyError('offline', 'there is no connection now');
    if (sent === 'clogged') throw new ParleyError('queue_full', 'the network does not keep up');
  }

  private received(frame: ReceivedFrame): void {
    const envelope = typeof frame === 'string' ? envelopeOf(frame) : undefined;
    if (envelope?.op === 'DISPATCH') this.dispatched(envelope);
  }

  private dispatched({ t, d, s }: Envelope): void {
    if (t === 'READY' && isReady(d)) this.ready(d);
    else if (t === 'MESSAGE_CREATE' && isMessage(d)) this.events.emit('messageCreated', d);
    else if (t === 'MESSAGE_UPDATE' && isMessage(d)) this.events.emit('messageUpdated', d);
    else if (t === 'MESSAGE_DELETE' && isDeleted(d)) this.events.emit('messageDeleted', d);
    else if (t === 'PRESENCE_UPDATE' && isPresence(d)) this.events.emit('presence', d);
    else if (t === 'VOICE_STATE_UPDATE' && isVoiceState(d)) this.events.emit('voiceState', d);
    else if (t === 'VOICE_SIGNAL' && isVoiceSignal(d)) this.events.emit('voiceSignal', d);
    else if (t === 'ERROR' && isWireError(d)) this.events.emit('error', errorOf(d));
    if (s !== undefined) this.sequence = Math.max(this.sequence ?? 0, s);
  }

  private ready(ready: ChatReady): void {
    // With missed events to follow it is still `since`; where they are lost, the point to go on from.
    this.sequence = ready.sequence;
    this.connection.established();
    this.events.emit('ready', ready);
  }
}
