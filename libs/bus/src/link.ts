import type { AppError } from '@parley/contracts';
import {
  PermissionViolationError,
  type Msg,
  type MsgHdrs,
  type NatsConnection,
  type Subscription,
} from '@nats-io/transport-node';
import type { BusStatus, Stoppable } from './bus.js';
import { Listeners } from './listeners.js';
import type { BusMetrics } from './metrics.js';
import type { BusLogger } from './options.js';
import { withDeadline } from './sleep.js';

/** Trace, message id and receipts, generously. */
const HEADER_ROOM = 1_024;

export interface Sending {
  readonly reply?: string;
  readonly headers?: MsgHdrs;
}

/** Messages of one turn before they are sent without waiting for its end. */
const MAX_OUTGOING = 256;

/**
 * The connection as the rest of the bus sees it: it knows whether it stands, sends nothing into the void while it does
 * not (the client would throw its buffer away on the next dial), and no handler's exception reaches the client's reader,
 * which would stop reading for good.
 */
export class Link {
  status: BusStatus = 'connected';
  /** `performance.now()` of the last time the connection came up. */
  connectedSince = performance.now();
  reconnects = 0;
  private readonly statusListeners = new Listeners<BusStatus>();
  private readonly faultListeners = new Listeners<AppError>();
  private readonly standing = new Map<string, AppError>();
  private readonly sleepers = new Set<(connected: boolean) => void>();
  private outgoing: { readonly subject: string; readonly data: Uint8Array; readonly sending: Sending | undefined }[] =
    [];
  private closing = false;

  constructor(
    readonly nc: NatsConnection,
    readonly logger: BusLogger,
    readonly metrics: BusMetrics,
  ) {
    void this.watch();
  }

  /** Whether NATS takes that many bytes in one message, beside the headers that we send. */
  takes(bytes: number): boolean {
    return bytes <= this.maxBytes();
  }

  /** Without headers; infinite until the server has said it. */
  maxBytes(): number {
    return (this.nc.info?.max_payload ?? Number.POSITIVE_INFINITY) - HEADER_ROOM;
  }

  /**
   * Leaves with everything else of this turn of the event loop, in order and in one write: the write is most of what a
   * message costs. False when nothing will be sent: not connected, or the message is larger than the server takes.
   */
  publish(subject: string, data: Uint8Array, sending?: Sending): boolean {
    if (this.status !== 'connected') return false;
    if (!this.takes(data.length)) {
      this.logger.error({ subject, bytes: data.length }, 'a message is too large to be sent');
      return false;
    }
    if (this.outgoing.length === 0) {
      setImmediate(() => {
        this.send();
      });
    }
    this.outgoing.push({ subject, data, sending });
    if (this.outgoing.length >= MAX_OUTGOING) this.send();
    return true;
  }

  /** Hands what waits for the end of the turn to the client now. */
  send(): void {
    const messages = this.outgoing;
    if (messages.length === 0) return;
    this.outgoing = [];
    // Those who wait for answers were told when the connection broke.
    if (this.status !== 'connected') return;
    for (const { subject, data, sending } of messages) {
      try {
        // The client writes into the options that it is given, hence a copy.
        this.nc.publish(subject, data, sending === undefined ? undefined : { ...sending });
      } catch (error) {
        this.logger.error({ err: error, subject, bytes: data.length }, 'a message could not be sent');
      }
    }
  }

  /** Survives reconnects. `handle` runs inside the reader and must not block. */
  subscribe(subject: string, handle: (message: Msg) => void, queue?: string): Subscription {
    return this.nc.subscribe(subject, {
      ...(queue === undefined ? {} : { queue }),
      callback: (error, message) => {
        // A refusal also arrives as a status, where it becomes a fault.
        if (error !== null) return;
        try {
          handle(message);
        } catch (thrown) {
          this.logger.error({ err: thrown, subject }, 'a handler of bus messages threw');
        }
      },
    });
  }

  onStatus(listener: (status: BusStatus) => void): Stoppable {
    return this.statusListeners.add(listener);
  }

  onFault(listener: (fault: AppError) => void): Stoppable {
    return this.faultListeners.add(listener);
  }

  faults(): readonly AppError[] {
    return [...this.standing.values()];
  }

  raise(key: string, fault: AppError): void {
    this.standing.set(key, fault);
    this.metrics.faulted(fault.code);
    this.logger.error({ fault }, 'the bus has a fault');
    this.faultListeners.tell(fault);
  }

  settle(key: string): void {
    if (this.standing.delete(key)) this.logger.info({ key }, 'a fault of the bus is over');
  }

  /** True as soon as the connection stands, false after `ms` or when the bus closes. */
  async whenConnected(ms: number): Promise<boolean> {
    if (this.status === 'connected') return true;
    if (this.closing) return false;
    let wake = (_connected: boolean): void => undefined;
    const woken = new Promise<boolean>((resolve) => {
      wake = resolve;
      this.sleepers.add(resolve);
    });
    const connected = await withDeadline(woken, ms, false);
    this.sleepers.delete(wake);
    return connected;
  }

  get isClosing(): boolean {
    return this.closing;
  }

  async close(): Promise<void> {
    this.closing = true;
    this.wakeSleepers(false);
    this.send();
    await this.nc.close();
    this.become('disconnected');
  }

  private async watch(): Promise<void> {
    for await (const event of this.nc.status()) {
      switch (event.type) {
        case 'disconnect':
          this.become('disconnected');
          break;
        case 'reconnect':
          this.reconnects++;
          this.metrics.reconnected();
          this.become('connected');
          break;
        case 'error':
          this.complain(event.error);
          break;
        case 'staleConnection':
          this.logger.warn({}, 'NATS does not answer pings; connecting anew');
          break;
        default:
          break;
      }
    }
    this.become('disconnected');
    if (!this.closing) {
      this.raise('closed', { code: 'unavailable', message: 'The connection to NATS has ended for good.' });
    }
  }

  private become(status: BusStatus): void {
    if (status === this.status) return;
    this.status = status;
    if (status === 'disconnected') this.outgoing = [];
    if (status === 'connected') this.connectedSince = performance.now();
    if (!this.closing) this.logger.info({ server: this.nc.getServer() }, `bus ${status}`);
    this.statusListeners.tell(status);
    if (status === 'connected') this.wakeSleepers(true);
  }

  private wakeSleepers(connected: boolean): void {
    for (const wake of this.sleepers) wake(connected);
    this.sleepers.clear();
  }

  private complain(error: Error): void {
    if (error instanceof PermissionViolationError) {
      const what = error.operation === 'publish' ? 'publishing to' : 'subscribing to';
      const message = `NATS refuses ${what} "${error.subject}".`;
      this.raise(`${error.operation} ${error.subject}`, { code: 'forbidden', message });
      return;
    }
    this.logger.warn({ err: error }, 'NATS reports an error');
  }
}
