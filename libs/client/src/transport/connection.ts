import { Backoff } from './backoff.js';
import { POLICY, verdictOn, type Closing } from './closing.js';
import { withDefaults, type ConnectionConfig } from './connection-options.js';
import type { ConnectionStatus } from './connection-status.js';
import { Line, type Frame, type ReceivedFrame } from './line.js';
import { watchNetwork } from './network-hints.js';
import { asParleyError, ParleyError } from './parley-error.js';
import { Renewal } from './renewal.js';
import { TokenSource } from './token-source.js';
import { wait, type Settle, type WaitOptions } from './wait.js';
import { Watchdog } from './watchdog.js';
import { findWebSocket } from './websocket.js';

/** What a dialect's client brings; the connection itself speaks none. */
export interface Speech {
  endpoint(token: string): { readonly url: string; readonly protocols: readonly string[] };
  /** Said first, when the socket opens. */
  greeting?(token: string): Frame;
  /** Asks for a sign of life. */
  heartbeat(now: number): string | readonly string[];
  /** A fresh token for this connection; left out where there are none, or none that expire. */
  renewal?(token: string): string;
  /** Calls `established()` when it is the welcome. */
  received(frame: ReceivedFrame): void;
  moved(status: ConnectionStatus): void;
}

/** `offline`: there is no connection now. `clogged`: there is, and it takes nothing more at the moment. */
export type Sent = 'sent' | 'offline' | 'clogged';

/** Ready for this long, a connection has proved good: the next failure starts with short waits again. */
const STABLE_MS = 5_000;
/** On a hint that the network changed, a living server answers sooner. */
const HINT_DEADLINE_MS = 4_000;
/** Beyond this a client sends faster than its network; what comes then is refused instead of held in memory. */
const MAX_BUFFERED_BYTES = 4 * 1_024 * 1_024;
/** Rejected with a fresh token too: nobody will accept the next one. */
const MAX_REJECTIONS = 2;

/** One logical connection over any number of sockets: it comes back until it is told to stop, by either side. */
export class Connection {
  private current: ConnectionStatus = { state: 'idle' };
  private line: Line | undefined;
  /** Counts beginnings and endings, so that what was begun before is recognized as past. */
  private epoch = 0;
  private said: ParleyError | undefined;
  private rejections = 0;
  private readonly waiting = new Set<Settle<undefined>>();
  private readonly pending = new Set<() => void>();
  private readonly options;
  private readonly tokens: TokenSource;
  private readonly backoff: Backoff;
  private readonly watchdog: Watchdog;
  private readonly renewal: Renewal;
  private unwatch: () => void = () => undefined;

  constructor(
    private readonly config: ConnectionConfig,
    private readonly speech: Speech,
  ) {
    this.options = withDefaults(config);
    const { timers } = this.options;
    this.tokens = new TokenSource(config.token, timers);
    this.backoff = new Backoff(config.backoff ?? {}, timers);
    this.watchdog = new Watchdog(
      timers,
      config.heartbeat ?? {},
      () => {
        for (const frame of [speech.heartbeat(timers.now())].flat()) this.line?.send(frame);
      },
      () => this.line?.abandon('no sign of life'),
    );
    this.renewal = new Renewal(timers, this.tokens, (token) => {
      if (speech.renewal !== undefined) this.line?.send(speech.renewal(token));
    });
  }

  get status(): ConnectionStatus {
    return this.current;
  }

  get ready(): boolean {
    return this.current.state === 'ready';
  }

  /** Bytes that wait in the socket. */
  get buffered(): number {
    return this.line?.buffered ?? 0;
  }

  /** Resolves when the server has said welcome. A wait that ends early ends only itself: the attempts go on. */
  async connect(options: WaitOptions = {}): Promise<void> {
    if (this.ready) return;
    await wait<undefined>(
      this.options.timers,
      'connect',
      { timeoutMs: this.options.connectTimeoutMs, ...options },
      (settle) => {
        this.waiting.add(settle);
        if (this.current.state === 'idle' || this.current.state === 'ended') this.begin();
        return () => this.waiting.delete(settle);
      },
    );
  }

  disconnect(): void {
    this.finish({ state: 'idle' }, new ParleyError('disconnected', 'disconnect() was called'));
  }

  send(frame: Frame): Sent {
    if (!this.ready || this.line === undefined) return 'offline';
    if (this.line.buffered > MAX_BUFFERED_BYTES) return 'clogged';
    this.line.send(frame);
    return 'sent';
  }

  /** Said before the welcome, as the greeting was. */
  greet(frame: Frame): void {
    if (this.current.state === 'connecting') this.line?.send(frame);
  }

  /** The welcome has come. */
  established(): void {
    if (this.current.state !== 'connecting') return;
    this.clearPending();
    this.rejections = 0;
    this.later(STABLE_MS, () => this.backoff.reset());
    this.watchdog.start();
    this.move({ state: 'ready' });
    for (const settle of [...this.waiting]) settle.resolve(undefined);
  }

  /** What the server said of its reasons; a close may follow that does not give them. */
  heardWhy(error: ParleyError): void {
    this.said = error;
  }

  /** This connection is of no use; another one may be. */
  restart(error: ParleyError): void {
    if (this.current.state !== 'ready' && this.current.state !== 'connecting') return;
    this.line?.drop(1000, 'starting over');
    this.retry(error);
  }

  /** What this connection is for was refused, though the socket may be open still: as if it had been closed for that. */
  refused(error: ParleyError): void {
    if (this.current.state !== 'ready' && this.current.state !== 'connecting') return;
    this.said = error;
    this.line?.drop(1000, 'refused');
    this.closed({ code: POLICY, reason: '' });
  }

  /** The server said that the token is about to expire. */
  renew(): void {
    void this.renewal.now();
  }

  private begin(): void {
    this.rejections = 0;
    this.backoff.reset();
    this.unwatch = watchNetwork({ back: () => this.hint(), gone: () => this.watchdog.check(HINT_DEADLINE_MS) });
    void this.attempt();
  }

  private hint(): void {
    if (this.current.state === 'waiting') void this.attempt();
    else this.watchdog.check(HINT_DEADLINE_MS);
  }

  private async attempt(): Promise<void> {
    const epoch = ++this.epoch;
    this.clearPending();
    this.said = undefined;
    this.move({ state: 'connecting', attempt: this.backoff.attempts + 1 });
    try {
      const token = await this.tokens.fresh();
      if (epoch === this.epoch) this.dial(token);
    } catch (thrown) {
      if (epoch !== this.epoch) return;
      const error = asParleyError(thrown, 'invalid', 'the connection could not be begun');
      if (error.retryable) this.retry(error);
      else this.finish({ state: 'ended', error }, error);
    }
  }

  private dial(token: string): void {
    const { url, protocols } = this.speech.endpoint(token);
    const WebSocket = findWebSocket(this.config.WebSocket);
    const line = new Line(new WebSocket(url, [...protocols]), {
      opened: () => {
        if (this.speech.greeting !== undefined) line.send(this.speech.greeting(token));
      },
      received: (frame) => {
        this.watchdog.heard();
        this.speech.received(frame);
      },
      closed: (closing) => this.closed(closing),
    });
    this.line = line;
    this.renewal.watch(token);
    this.later(this.options.handshakeTimeoutMs, () => line.abandon('no welcome in time'));
  }

  private closed(closing: Closing): void {
    this.hangUp();
    const { kind, error } = verdictOn(closing, this.said);
    if (kind === 'renew') this.rejections += 1;
    const hopeless = kind === 'renew' && (!this.tokens.renewable || this.rejections >= MAX_REJECTIONS);
    if (kind === 'stop' || hopeless) this.finish({ state: 'ended', error }, error);
    else this.retry(error);
  }

  private retry(error: ParleyError): void {
    this.epoch += 1;
    this.hangUp();
    const retryInMs = this.backoff.next(error.details.retryAfterMs);
    this.later(retryInMs, () => void this.attempt());
    this.move({ state: 'waiting', attempt: this.backoff.attempts, retryInMs, error });
  }

  private finish(status: ConnectionStatus, error: ParleyError): void {
    this.epoch += 1;
    this.line?.drop(1000, 'bye');
    this.hangUp();
    this.unwatch();
    this.unwatch = () => undefined;
    if (this.current.state !== status.state) this.move(status);
    for (const settle of [...this.waiting]) settle.reject(error);
  }

  private hangUp(): void {
    this.line?.drop();
    this.line = undefined;
    this.watchdog.stop();
    this.renewal.stop();
    this.clearPending();
  }

  private move(status: ConnectionStatus): void {
    this.current = status;
    this.speech.moved(status);
  }

  private later(ms: number, run: () => void): void {
    const cancel = this.options.timers.after(ms, () => {
      this.pending.delete(cancel);
      run();
    });
    this.pending.add(cancel);
  }

  private clearPending(): void {
    for (const cancel of this.pending) cancel();
    this.pending.clear();
  }
}
