import type { ReceivedEvent } from '@parley/bus';
import type { ConnectionId } from '@parley/contracts';
import type { Commands, Dialect, EndReason, Frame, Login, SendCommand, Session } from '@parley/dialects';
import { chooseRoot, inTrace } from '@parley/telemetry';
import type { Socket } from 'node:net';
import type { RawData, WebSocket } from 'ws';
import type { Receiver } from '../outbound/channel.js';
import { ALTERNATIVE, DEFLATED } from '../outbound/outgoing.js';
import { ByteBudget } from './byte-budget.js';
import { keepAliveOf, type ConnectionLimits } from './connection-limits.js';
import { Inbox } from './inbox.js';
import { Outbox } from './outbox.js';
import { RoundTrips } from './round-trips.js';
import { tracedTask } from './traced-task.js';
import type { TimingWheel, WheelTimer } from './timing-wheel.js';
import { countUnproven } from './unproven-bytes.js';
import { bufferOf, closeCodeOf, closeReason, pongFrame, wireFrames } from './wire.js';

/** What a connection needs of the gateway around it. */
export interface ConnectionHost {
  readonly wheel: TimingWheel;
  readonly limits: ConnectionLimits;
  execute(connection: Connection, commands: Commands): Promise<void> | undefined;
  /** The connection takes no part in anything any more. Called once. */
  retired(connection: Connection): void;
  failed(connection: Connection, error: unknown): void;
  received(connection: Connection, bytes: number): void;
  /** A frame to this one alone, beside those of events. */
  sent(connection: Connection, bytes: number): void;
  /** A frame, and all that it asked for, is dealt with; `since` by `performance.now()`. */
  handled(connection: Connection, since: number): void;
  /** The outbox did this to a message, since the reader is slow. */
  held(connection: Connection, action: 'parked' | 'superseded' | 'dropped'): void;
}

export interface ConnectionParts {
  readonly id: ConnectionId;
  readonly dialect: Dialect;
  readonly session: Session;
  readonly ws: WebSocket;
  readonly socket: Socket;
  readonly address: string;
}

export interface Closure {
  /** 1006 when the socket broke without one. */
  readonly code: number;
  /** It was the gateway that closed. */
  readonly here: boolean;
}

/** No dialect's key: those are made of words. */
const PONG_KEY = '\u0000pong';
const STRIKES = 20;
const STRIKE_WINDOW_MS = 10_000;
/** Timers, events and frames that may wait for a session together. */
const MAX_TASKS = 10_000;

/** One socket: its session, what it has been told and not dealt with, what it has still to be sent, and its one end. */
export class Connection implements Receiver {
  readonly id: ConnectionId;
  readonly dialect: Dialect;
  readonly session: Session;
  readonly address: string;
  readonly outbox: Outbox;
  readonly connectedAt = Date.now();
  stamp = 0;
  form: number;
  /** Commands under way that hold nothing up. */
  background = 0;
  private readonly ws: WebSocket;
  private readonly socket: Socket;
  private readonly inbox: Inbox;
  private readonly budget: ByteBudget;
  private inboxFull = false;
  private overBudget = false;
  private readonly timers = new Map<string, WheelTimer>();
  private readonly strikes: number[] = [];
  private owner: Login | undefined;
  private heardAt = Date.now();
  private closing = false;
  private endReason: EndReason | undefined;
  private closedWith: Closure | undefined;
  private heartbeat: WheelTimer | undefined;
  /** Only where the session wants to know. */
  private readonly roundTrips: RoundTrips | undefined;

  constructor(
    parts: ConnectionParts,
    private readonly host: ConnectionHost,
  ) {
    this.id = parts.id;
    this.dialect = parts.dialect;
    this.session = parts.session;
    this.address = parts.address;
    this.ws = parts.ws;
    this.socket = parts.socket;
    // The one extension that the library knows.
    this.form = parts.ws.extensions === '' ? 0 : DEFLATED;
    this.outbox = new Outbox(parts.socket, host.limits.outbox, (action) => {
      host.held(this, action);
    });
    this.budget = new ByteBudget(host.limits.bytesPerSecond, host.limits.byteBurst, Date.now());
    this.inbox = new Inbox(
      host.limits.inbox,
      MAX_TASKS,
      (on) => {
        this.inboxFull = !on;
        this.readOrWait();
      },
      (error) => {
        host.failed(this, error);
        this.end('internal');
      },
      (since) => {
        host.handled(this, since);
      },
    );
    this.roundTrips = this.measuring();
    this.listen();
  }

  get login(): Login | undefined {
    return this.owner;
  }

  get open(): boolean {
    return !this.closing;
  }

  /** Why the gateway ended it; undefined when the client went by itself. */
  get ended(): EndReason | undefined {
    return this.endReason;
  }

  /** Once it has begun to close. */
  get closure(): Closure | undefined {
    return this.closedWith;
  }

  /** The first thing that the session is told. */
  start(commands: () => Commands): void {
    this.setTimer('login-deadline', Date.now() + this.host.limits.loginDeadlineMs, () => {
      if (this.owner === undefined) this.end('login_timeout');
    });
    this.scheduleHeartbeat();
    this.roundTrips?.start();
    const task = (): Promise<void> | undefined => this.host.execute(this, commands());
    this.inbox.push(chooseRoot() ? tracedTask('open', this, task) : task, 0);
    if (this.owner !== undefined || this.closing) return;
    const { preLoginBytes } = this.host.limits;
    countUnproven(
      this.socket,
      preLoginBytes,
      () => this.owner === undefined && !this.closing,
      () => {
        this.end('flooding');
      },
    );
  }

  ownedBy(login: Login): void {
    this.owner = login;
    this.timers.get('login-deadline')?.cancel();
    this.timers.delete('login-deadline');
  }

  send(command: SendCommand): void {
    if (this.closing) return;
    this.outbox.cork();
    const wire = this.wireOf(command);
    this.host.sent(this, wire.length);
    if (this.outbox.write(wire, command.delivery) === 'slow') this.end('slow');
  }

  preferAlternative(): void {
    this.form |= ALTERNATIVE;
  }

  observe(event: ReceivedEvent, flush: () => void): void {
    if (this.closing) return;
    const commands = this.session.observed(event);
    if (commands.length === 0) return;
    const task = (): Promise<void> | undefined => {
      // What it does now must not overtake what it was told before.
      flush();
      return this.host.execute(this, commands);
    };
    const { traceparent } = event;
    const traced = traceparent === undefined ? task : () => inTrace(traceparent, task);
    if (!this.inbox.push(traced, 0)) this.end('flooding');
  }

  strike(): void {
    const now = Date.now();
    this.strikes.push(now);
    while ((this.strikes[0] ?? now) < now - STRIKE_WINDOW_MS) this.strikes.shift();
    if (this.strikes.length >= STRIKES) this.end('bad_input');
  }

  setSessionTimer(name: string, at: number | undefined): void {
    this.setTimer(`session:${name}`, at, () => {
      if (!this.inbox.push(() => this.host.execute(this, this.session.timer(name)), 0)) this.end('flooding');
    });
  }

  /** The gateway's wish: last words in the dialect's own way, then the close. */
  end(reason: EndReason): void {
    if (this.closing) return;
    this.endReason = reason;
    for (const command of this.lastWords(reason)) {
      if (command.kind === 'send') this.outbox.write(this.wireOf(command), command.delivery);
      if (command.kind === 'close') this.close(command.code, command.reason);
    }
    this.close(1011, 'internal error');
  }

  /** Asked for by timers and events too, where what is thrown would end the process. */
  private lastWords(reason: EndReason): Commands {
    try {
      return this.session.ending(reason);
    } catch (error) {
      this.host.failed(this, error);
      return [];
    }
  }

  /** Idempotent. Nothing is sent after it. */
  close(code: number, reason: string): void {
    if (this.closing) return;
    this.retire({ code, here: true });
    this.outbox.close();
    this.outbox.uncork();
    this.ws.close(code, closeReason(reason));
  }

  private wireOf({ frames }: SendCommand): Buffer {
    return wireFrames(frames, (this.form & DEFLATED) === 0 ? undefined : this.dialect.compression);
  }

  private listen(): void {
    const { ws } = this;
    ws.on('message', (data, isBinary) => {
      this.heardAt = Date.now();
      this.received(data, isBinary);
    });
    ws.on('pong', (payload) => {
      this.heardAt = Date.now();
      this.roundTrips?.answered(payload);
    });
    ws.on('ping', (payload) => {
      this.heardAt = Date.now();
      this.answerPing(payload);
    });
    ws.on('close', (code) => {
      this.retire({ code, here: false });
    });
    // The library closes with the right code itself (1009 too large, 1007 not UTF-8); a listener keeps it from throwing.
    ws.on('error', (error) => {
      this.retire({ code: closeCodeOf(error), here: true });
    });
  }

  /** Of several pings that a slow reader sends, only the newest is answered, as RFC 6455 §5.5.3 has it. */
  private answerPing(payload: Buffer): void {
    if (this.closing) return;
    this.outbox.cork();
    if (this.outbox.write(pongFrame(payload), { class: 'newest', key: PONG_KEY }) === 'slow') this.end('slow');
  }

  private received(data: RawData, isBinary: boolean): void {
    if (this.closing) return;
    const bytes = bufferOf(data);
    this.host.received(this, bytes.length);
    // Text stays bytes (the library has checked that they are UTF-8): payloads are passed on as they came.
    const frame: Frame = { data: bytes, binary: isBinary };
    const task = (): Promise<void> | undefined => this.host.execute(this, this.session.received(frame));
    const traced = chooseRoot() ? tracedTask('frame', this, task, bytes.length) : task;
    const taken = this.inbox.push(traced, bytes.length, performance.now());
    if (!taken) this.end('flooding');
    this.slowDown(this.budget.take(bytes.length, Date.now()));
  }

  /** Who sends more than its share is read more slowly; nothing is lost by it. */
  private slowDown(ms: number): void {
    if (ms === 0 || this.closing) return;
    this.overBudget = true;
    this.readOrWait();
    this.setTimer('budget', Date.now() + ms, () => {
      this.overBudget = false;
      this.readOrWait();
    });
  }

  private readOrWait(): void {
    if (this.closing) return;
    if (this.inboxFull || this.overBudget) this.ws.pause();
    else this.ws.resume();
  }

  private retire(closure: Closure): void {
    if (this.closing) return;
    this.closing = true;
    this.closedWith = closure;
    this.inbox.close();
    this.heartbeat?.cancel();
    this.roundTrips?.stop();
    for (const timer of this.timers.values()) timer.cancel();
    this.timers.clear();
    this.host.retired(this);
  }

  private measuring(): RoundTrips | undefined {
    const { session } = this;
    if (session.measured === undefined) return undefined;
    return new RoundTrips(
      this.host.wheel,
      (payload) => {
        this.ws.ping(payload);
      },
      (ms) => {
        if (!this.inbox.push(() => this.host.execute(this, session.measured?.(ms) ?? []), 0)) this.end('flooding');
      },
    );
  }

  private setTimer(name: string, at: number | undefined, fire: () => void): void {
    this.timers.get(name)?.cancel();
    if (at === undefined) {
      this.timers.delete(name);
      return;
    }
    const timer = this.host.wheel.at(at, () => {
      if (this.timers.get(name) === timer) this.timers.delete(name);
      fire();
    });
    this.timers.set(name, timer);
  }

  private scheduleHeartbeat(): void {
    const { probeAfterMs, silentAfterMs } = keepAliveOf(this.dialect, this.host.limits);
    const silentFor = Date.now() - this.heardAt;
    const next = silentFor < probeAfterMs ? this.heardAt + probeAfterMs : this.heardAt + silentAfterMs;
    this.heartbeat = this.host.wheel.at(Math.max(next, Date.now() + 1), () => {
      this.checkHeartbeat();
    });
  }

  private checkHeartbeat(): void {
    const now = Date.now();
    const { probeAfterMs, silentAfterMs } = keepAliveOf(this.dialect, this.host.limits);
    if (now - this.heardAt >= silentAfterMs) {
      this.end('idle');
      return;
    }
    if (now - this.heardAt >= probeAfterMs) {
      this.ws.ping();
      const frame = this.owner === undefined ? undefined : this.dialect.keepAlive.probe?.(now);
      if (frame !== undefined) this.send({ kind: 'send', frames: [frame], delivery: { class: 'droppable' } });
    }
    this.scheduleHeartbeat();
  }
}
