import { withDefaults, type ConnectionConfig } from '../transport/connection-options.js';
import type { ConnectionStatus } from '../transport/connection-status.js';
import { Emitter, type Handler } from '../transport/emitter.js';
import { asParleyError, type ParleyError } from '../transport/parley-error.js';
import type { TokenProvider } from '../transport/token-source.js';
import type { WaitOptions } from '../transport/wait.js';
import { DeviceSession, type MediaSource } from './device-session.js';
import { findPeerConnection, type MediaLike, type PeerConfig, type PeerConnectionLike } from './peer-connection.js';
import type { DeviceEvents } from './watch-events.js';
import { WatchLink } from './watch-link.js';
import type { DevicePresence, Told } from './watch-messages.js';
import type { SessionHost } from './watch-session.js';

export interface DeviceConfig<P extends PeerConnectionLike = RTCPeerConnection>
  extends Omit<ConnectionConfig, 'token'>, PeerConfig<P> {
  readonly deviceId: string;
  /** As it was told when the device was registered; devices with `auth: "none"` have none. */
  readonly key?: TokenProvider | undefined;
  /** One stream for everybody, or how to get one for a viewer. Its tracks are never stopped here. */
  readonly media: MediaLike | MediaSource<P>;
}

type Requested = Extract<Told, { readonly type: 'watch_request' }>['payload'];

/** A device that is watched: signaling over one connection that comes back by itself, a peer connection for each viewer. */
export class WatchDevice<P extends PeerConnectionLike = RTCPeerConnection> {
  private readonly events = new Emitter<DeviceEvents<P>>();
  private readonly link: WatchLink;
  private readonly live = new Map<string, DeviceSession<P>>();
  private readonly host: SessionHost;
  private readonly media: MediaSource<P>;
  private said: DevicePresence | undefined;

  constructor(private readonly config: DeviceConfig<P>) {
    const { deviceId, key, media } = config;
    const { timers, answerTimeoutMs } = withDefaults(config);
    this.media = typeof media === 'function' ? media : () => media;
    this.link = new WatchLink(
      { ...config, token: key ?? '' },
      {
        path: '/ws/device',
        renews: false,
        hello: (shown) => ({ device_id: deviceId, ...(shown === '' ? {} : { key: shown }) }),
      },
      {
        moved: (status) => this.moved(status),
        received: (told) => this.received(told),
        refused: (error, about) => this.refused(error, about),
      },
    );
    this.host = {
      timers,
      connectedMs: answerTimeoutMs,
      online: () => this.link.connection.ready,
      signal: (sessionId, signal, body) => this.link.signal(sessionId, signal, body),
      ended: (sessionId) => this.live.delete(sessionId),
    };
  }

  get status(): ConnectionStatus {
    return this.link.connection.status;
  }

  /** Who watches at the moment. */
  get sessions(): readonly DeviceSession<P>[] {
    return [...this.live.values()];
  }

  /** Resolves when the server knows the device. Only `disconnect()`, or a refusal for good, ends the attempts. */
  async connect(options?: WaitOptions): Promise<void> {
    findPeerConnection(this.config);
    await this.link.connection.connect(options);
  }

  /** Closes all peer connections; viewers hear `device_disconnected` when the server has waited for a return. */
  disconnect(): void {
    this.link.connection.disconnect();
  }

  /** What is kept for the device's owner, and told to its viewers; said again after every reconnect. */
  setPresence(presence: DevicePresence): void {
    this.said = presence;
    if (this.link.connection.ready) this.link.say('device_presence', presence);
  }

  on<K extends keyof DeviceEvents<P>>(event: K, handler: Handler<DeviceEvents<P>[K]>): () => void {
    return this.events.on(event, handler);
  }

  off<K extends keyof DeviceEvents<P>>(event: K, handler: Handler<DeviceEvents<P>[K]>): void {
    this.events.off(event, handler);
  }

  private moved(status: ConnectionStatus): void {
    if (status.state === 'ready') {
      if (this.said !== undefined) this.link.say('device_presence', this.said);
      for (const session of this.sessions) session.resumed();
    }
    if (status.state === 'idle' || status.state === 'ended') {
      for (const session of this.sessions) session.finish('disconnected');
    }
    this.events.emit('status', status);
  }

  private received(told: Exclude<Told, { readonly type: 'error' }>): void {
    switch (told.type) {
      case 'watch_request':
        this.requested(told.payload);
        break;
      case 'signal_offer':
        this.live.get(told.payload.session_id)?.takeOffer(told.payload.sdp);
        break;
      case 'signal_ice':
        this.live.get(told.payload.session_id)?.takeCandidate(told.payload.candidate);
        break;
      case 'watch_ended':
        this.live.get(told.payload.session_id)?.finish(told.payload.reason);
        break;
      case 'hello_ack':
      case 'watch_ready':
      case 'signal_answer':
      case 'device_presence':
        break;
    }
  }

  /** Told again after a reconnect, as long as there was no offer. */
  private requested({ session_id: id, user_id: userId, ice_servers: iceServers }: Requested): void {
    if (this.live.has(id)) return;
    try {
      const PeerConnection = findPeerConnection(this.config);
      const connection = new PeerConnection({ ...this.config.peerOptions, iceServers });
      const session = new DeviceSession(id, userId, connection, this.host);
      this.live.set(id, session);
      this.events.emit('session', session);
      session.begin(this.media);
    } catch (thrown) {
      this.events.emit('error', asParleyError(thrown, 'internal', 'there is no peer connection to be had'));
    }
  }

  private refused(error: ParleyError, about: string | undefined): void {
    const session = about === undefined ? undefined : this.live.get(about);
    if (session !== undefined) session.refused(error);
    else if (about === undefined) this.events.emit('error', error);
  }
}
