import type { SessionEndReason, ViewerSession, WatchState, WatchViewer } from '@parley/client';
import { Store } from '../../../session/store.js';
import { StatsReader, type PeerStats } from './peer-stats.js';

export interface WatchedDevice {
  readonly deviceId: string;
  readonly name: string;
}

export interface WatchingState {
  /** `asking`: the server has not let us in yet. */
  readonly phase: 'asking' | WatchState;
  readonly stream: MediaStream | undefined;
  readonly stats: PeerStats | undefined;
  readonly reason: SessionEndReason | undefined;
  /** It was refused, or something went wrong that it survives. */
  readonly error: unknown;
}

const STATS_EVERY_MS = 1_000;
const BEGINNING: WatchingState = {
  phase: 'asking',
  stream: undefined,
  stats: undefined,
  reason: undefined,
  error: undefined,
};

/** One device that is being watched, from the wish to the end and why it ended. */
export class Watching {
  readonly state = new Store<WatchingState>(BEGINNING);
  private session: ViewerSession<RTCPeerConnection> | undefined;
  private timer: ReturnType<typeof setInterval> | undefined;
  private over = new AbortController();

  constructor(
    private readonly viewer: WatchViewer,
    readonly device: WatchedDevice,
    /** It has begun or ended: what lists say has changed. */
    private readonly changed: () => void,
  ) {
    void this.begin();
  }

  again(): void {
    this.over = new AbortController();
    this.session = undefined;
    this.state.set(BEGINNING);
    void this.begin();
  }

  end(): void {
    this.over.abort();
    clearInterval(this.timer);
    this.session?.end();
    if (this.session === undefined) this.change({ phase: 'ended', reason: 'user_ended' });
  }

  private async begin(): Promise<void> {
    const { signal } = this.over;
    try {
      const session = await this.viewer.watch(this.device.deviceId, { receive: ['video'], signal });
      this.follow(session);
    } catch (error) {
      if (signal.aborted) return;
      this.change({ phase: 'ended', error });
      this.changed();
    }
  }

  private follow(session: ViewerSession<RTCPeerConnection>): void {
    this.session = session;
    const reader = new StatsReader(session.peerConnection);
    this.timer = setInterval(() => {
      reader.read().then(
        (stats) => this.change({ stats }),
        // The connection is closed; `ended` says so.
        () => undefined,
      );
    }, STATS_EVERY_MS);
    this.change({ phase: session.state });
    session.on('state', (phase) => this.change({ phase, ...(phase === 'connected' ? { error: undefined } : {}) }));
    session.on('stream', (stream) => this.change({ stream }));
    session.on('error', (error) => this.change({ error }));
    session.on('ended', (reason) => {
      clearInterval(this.timer);
      this.change({ phase: 'ended', reason });
      this.changed();
    });
    this.changed();
  }

  private change(part: Partial<WatchingState>): void {
    this.state.set({ ...this.state.get(), ...part });
  }
}
