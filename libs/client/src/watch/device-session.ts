import { asParleyError } from '../transport/parley-error.js';
import { wait } from '../transport/wait.js';
import type { Description, MediaLike, PeerConnectionLike } from './peer-connection.js';
import { WatchSession, type SessionHost } from './watch-session.js';

/** Undefined: it has added its tracks to `session.peerConnection` itself. */
export type MediaSource<P extends PeerConnectionLike> = (
  session: DeviceSession<P>,
) => MediaLike | undefined | Promise<MediaLike | undefined>;

/** How long a camera may take to begin. Viewers are told `timeout` after 30 s without an answer. */
const MEDIA_MS = 20_000;
/** A viewer who is still there has offered again by then, several times. */
const ABANDONED_MS = 60_000;

/** The device's side: it gives its media, and answers whatever the viewer offers. */
export class DeviceSession<P extends PeerConnectionLike> extends WatchSession<P> {
  constructor(
    id: string,
    /** Who watches. */
    readonly userId: string,
    peerConnection: P,
    host: SessionHost,
  ) {
    super(id, peerConnection, host);
  }

  /** @internal Before any offer is looked at. */
  begin(source: MediaSource<P>): void {
    this.arm(ABANDONED_MS);
    this.peer.run(async () => {
      try {
        const media = await this.mediaOf(source);
        if (this.state === 'ended') return;
        for (const track of media?.getTracks() ?? []) this.peerConnection.addTrack(track, ...(media ? [media] : []));
      } catch (error) {
        this.events.emit('error', asParleyError(error, 'internal', 'there is no media to be had'));
        this.finish('failed');
      }
    });
  }

  /** @internal */
  takeOffer(offer: Description): void {
    this.peer.takeOffer(offer);
  }

  /** @internal */
  override resumed(): void {
    if (this.state !== 'connected') this.peer.answerAgain();
  }

  protected override moved(state: RTCPeerConnectionState): void {
    if (state === 'connected') this.disarm();
    else if (state === 'disconnected' || state === 'failed') this.arm(ABANDONED_MS);
  }

  protected override overdue(): void {
    this.finish('failed');
  }

  private mediaOf(source: MediaSource<P>): Promise<MediaLike | undefined> {
    return wait<MediaLike | undefined>(this.host.timers, 'the media', { timeoutMs: MEDIA_MS }, (settle) => {
      void (async () => {
        try {
          settle.resolve(await source(this));
        } catch (error) {
          settle.reject(asParleyError(error, 'internal', 'there is no media to be had'));
        }
      })();
      return undefined;
    });
  }
}
