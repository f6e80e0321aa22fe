import type { Description, PeerConnectionLike } from './peer-connection.js';
import { WatchSession, type SessionHost } from './watch-session.js';

export interface ViewerHost extends SessionHost {
  /** Tells the server that nobody watches any more. */
  end(sessionId: string): void;
}

/** From an offer to being connected; after that something was lost on the way. */
const ATTEMPT_MS = 10_000;
/** Most interruptions end by themselves. */
const INTERRUPTED_MS = 4_000;
const MAX_ATTEMPTS = 4;

/** The viewer's side: it offers, and offers again until the two are connected, or it is clear that they never will be. */
export class ViewerSession<P extends PeerConnectionLike> extends WatchSession<P> {
  private attempts = 0;

  constructor(
    id: string,
    readonly deviceId: string,
    peerConnection: P,
    protected override readonly host: ViewerHost,
  ) {
    super(id, peerConnection, host);
  }

  /** Closes the peer connection, and tells the device. */
  end(): void {
    if (this.state === 'ended') return;
    this.host.end(this.id);
    this.finish('user_ended');
  }

  /** @internal */
  begin(): void {
    this.attempts = 1;
    this.offer();
  }

  /** @internal */
  takeAnswer(answer: Description): void {
    this.peer.takeAnswer(answer);
  }

  /** @internal */
  override resumed(): void {
    if (this.state !== 'connected') this.begin();
  }

  protected override moved(state: RTCPeerConnectionState): void {
    if (state === 'connected') {
      this.attempts = 0;
      this.disarm();
    } else if (state === 'disconnected') this.arm(INTERRUPTED_MS);
    else if (state === 'failed') this.overdue();
  }

  protected override overdue(): void {
    if (this.state === 'connected') return;
    if (!this.host.online()) {
      // Nothing can be said now; `resumed` comes when it can.
      this.disarm();
      return;
    }
    this.attempts += 1;
    if (this.attempts <= MAX_ATTEMPTS) {
      this.offer();
      return;
    }
    this.host.end(this.id);
    this.finish('failed');
  }

  private offer(): void {
    this.peer.offer();
    this.arm(ATTEMPT_MS);
  }
}
