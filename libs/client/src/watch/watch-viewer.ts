import { withDefaults, type ConnectionConfig } from '../transport/connection-options.js';
import type { ConnectionStatus } from '../transport/connection-status.js';
import { Emitter, type Handler } from '../transport/emitter.js';
import { asParleyError, ParleyError } from '../transport/parley-error.js';
import { Requests } from '../transport/requests.js';
import { uuid } from '../transport/uuid.js';
import type { WaitOptions } from '../transport/wait.js';
import { findPeerConnection, type PeerConfig, type PeerConnectionLike } from './peer-connection.js';
import { ViewerSession, type ViewerHost } from './viewer-session.js';
import type { ViewerEvents } from './watch-events.js';
import { messageOf, WatchLink } from './watch-link.js';
import { isPassing, type IceServers, type Told } from './watch-messages.js';

export interface ViewerConfig<P extends PeerConnectionLike = RTCPeerConnection>
  extends ConnectionConfig, PeerConfig<P> {}

export interface WatchOptions<P extends PeerConnectionLike = RTCPeerConnection> extends WaitOptions {
  /** What is wanted of the device; default both. */
  readonly receive?: readonly ('video' | 'audio')[];
  /** Before the offer is made: for data channels, or tracks of one's own. */
  readonly prepare?: (peerConnection: P) => void;
}

interface Wanted<P extends PeerConnectionLike> extends WatchOptions<P> {
  readonly deviceId: string;
}

/** As many as a hello may name. */
const MAX_NAMED = 100;

/** Watches devices: signaling over one connection that comes back by itself, media from peer to peer. */
export class WatchViewer<P extends PeerConnectionLike = RTCPeerConnection> {
  private readonly events = new Emitter<ViewerEvents>();
  private readonly link: WatchLink;
  private readonly requests: Requests<ViewerSession<P>>;
  /** By the id of the request. */
  private readonly wanted = new Map<string, Wanted<P>>();
  private readonly live = new Map<string, ViewerSession<P>>();
  private readonly host: ViewerHost;

  constructor(private readonly config: ViewerConfig<P>) {
    const { timers, answerTimeoutMs } = withDefaults(config);
    this.link = new WatchLink(
      config,
      {
        path: '/ws/viewer',
        renews: true,
        // Its own alone: those of another page of the same user are that page's to go on with.
        hello: (token) => ({ token, sessions: [...this.live.keys()].slice(0, MAX_NAMED) }),
      },
      {
        moved: (status) => this.moved(status),
        received: (told) => this.received(told),
        refused: (error, about) => this.refused(error, about),
      },
    );
    this.requests = new Requests(timers, answerTimeoutMs, (frame) => this.link.connection.send(frame));
    this.host = {
      timers,
      connectedMs: answerTimeoutMs,
      online: () => this.link.connection.ready,
      signal: (sessionId, signal, body) => this.link.signal(sessionId, signal, body),
      end: (sessionId) => this.end(sessionId),
      ended: (sessionId) => this.live.delete(sessionId),
    };
  }

  get status(): ConnectionStatus {
    return this.link.connection.status;
  }

  get sessions(): readonly ViewerSession<P>[] {
    return [...this.live.values()];
  }

  /** Resolves when the server has said welcome. Only `disconnect()`, or a refusal for good, ends the attempts. */
  connect(options?: WaitOptions): Promise<void> {
    return this.link.connection.connect(options);
  }

  /** Ends all sessions. */
  disconnect(): void {
    for (const session of this.sessions) session.end();
    this.link.connection.disconnect();
  }

  /**
   * Resolves with a session that is being set up, whose `stream` event brings the device's media. Without a connection it
   * waits for one. Rejects with `not_found`, `forbidden`, `unavailable` (the device is offline) or `limit_exceeded`.
   */
  async watch(deviceId: string, options: WatchOptions<P> = {}): Promise<ViewerSession<P>> {
    findPeerConnection(this.config);
    const id = uuid();
    this.wanted.set(id, { ...options, deviceId });
    try {
      return await this.requests.ask(id, messageOf('watch_request', { device_id: deviceId }, id), options);
    } finally {
      this.wanted.delete(id);
    }
  }

  on<K extends keyof ViewerEvents>(event: K, handler: Handler<ViewerEvents[K]>): () => void {
    return this.events.on(event, handler);
  }

  off<K extends keyof ViewerEvents>(event: K, handler: Handler<ViewerEvents[K]>): void {
    this.events.off(event, handler);
  }

  private moved(status: ConnectionStatus): void {
    if (status.state === 'ready') {
      for (const frame of this.requests.unanswered()) this.link.connection.send(frame);
      for (const session of this.sessions) session.resumed();
    }
    if (status.state === 'idle' || status.state === 'ended') {
      const error =
        status.state === 'ended' ? status.error : new ParleyError('disconnected', 'disconnect() was called');
      this.requests.failAll(error);
      for (const session of this.sessions) session.finish('disconnected');
    }
    this.events.emit('status', status);
  }

  private received(told: Exclude<Told, { readonly type: 'error' }>): void {
    switch (told.type) {
      case 'watch_ready':
        this.ready(told.payload.session_id, told.payload.ice_servers, told.requestId);
        break;
      case 'signal_answer':
        this.live.get(told.payload.session_id)?.takeAnswer(told.payload.sdp);
        break;
      case 'signal_ice':
        this.live.get(told.payload.session_id)?.takeCandidate(told.payload.candidate);
        break;
      case 'watch_ended':
        this.live.get(told.payload.session_id)?.finish(told.payload.reason);
        break;
      case 'device_presence':
        this.events.emit('presence', told.payload.device_id, told.payload.presence);
        break;
      case 'hello_ack':
      case 'watch_request':
      case 'signal_offer':
        break;
    }
  }

  /** At once: what comes next may be about it already. */
  private ready(sessionId: string, iceServers: IceServers, requestId = ''): void {
    const wanted = this.wanted.get(requestId);
    if (wanted === undefined) {
      // Nobody waits for it any more.
      this.end(sessionId);
      return;
    }
    try {
      const session = this.begin(sessionId, iceServers, wanted);
      this.requests.answer(requestId, session);
      session.begin();
    } catch (thrown) {
      this.live.get(sessionId)?.finish('failed');
      this.end(sessionId);
      this.requests.refuse(requestId, asParleyError(thrown, 'invalid', 'there is no peer connection to be had'));
    }
  }

  private begin(sessionId: string, iceServers: IceServers, wanted: Wanted<P>): ViewerSession<P> {
    const { deviceId, receive = ['video', 'audio'], prepare } = wanted;
    const PeerConnection = findPeerConnection(this.config);
    const connection = new PeerConnection({ ...this.config.peerOptions, iceServers });
    const session = new ViewerSession(sessionId, deviceId, connection, this.host);
    this.live.set(sessionId, session);
    for (const kind of receive) connection.addTransceiver(kind, { direction: 'recvonly' });
    prepare?.(connection);
    return session;
  }

  private end(sessionId: string): void {
    this.link.say('end_watch', { session_id: sessionId }, sessionId);
  }

  private refused(error: ParleyError, about: string | undefined): void {
    if (about === undefined) {
      this.events.emit('error', error);
      return;
    }
    const settled = isPassing(error) ? this.requests.postpone(about, error) : this.requests.refuse(about, error);
    if (!settled) this.live.get(about)?.refused(error);
  }
}
