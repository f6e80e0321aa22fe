import type { UpType } from '@parley/dialects/party/up';
import { Connection } from '../transport/connection.js';
import { withDefaults, type ConnectionConfig } from '../transport/connection-options.js';
import type { ConnectionStatus } from '../transport/connection-status.js';
import { frameOf } from '../transport/frame-size.js';
import type { ReceivedFrame } from '../transport/line.js';
import { ParleyError } from '../transport/parley-error.js';
import type { TokenProvider } from '../transport/token-source.js';
import type { WaitOptions } from '../transport/wait.js';
import { endpointUrl } from '../transport/websocket.js';
import { Orders } from './orders.js';
import { errorOf, toldBy, type LeaveReason, type PartyInfo, type PartyMember } from './party-messages.js';

export interface PartyConfig extends Omit<ConnectionConfig, 'token'> {
  readonly sessionId: string;
  /** A device that comes back under its `id` gets its place back; made up when left out, which does for one page view. */
  readonly deviceInfo: { readonly id?: string; readonly name: string };
  /** As `POST /sessions` answered it: who has it joins as the host. */
  readonly hostToken?: string | undefined;
  /** Of an account; without one it joins as a guest. */
  readonly token?: TokenProvider | undefined;
}

export interface LinkEvents {
  moved(status: ConnectionStatus): void;
  welcomed(memberId: string, session: PartyInfo): void;
  members(members: readonly PartyMember[]): void;
  memberJoined(member: PartyMember): void;
  memberLeft(id: string, reason: LeaveReason | undefined): void;
  latency(milliseconds: number): void;
  /** For good. */
  over(why: 'kicked' | 'closed', reason: string | undefined): void;
  failed(error: ParleyError): void;
}

const PATH = '/ws/party';
const VERSION = '1.0';
/** As the document has it; servers give up who is silent for 15 s. */
const HEARTBEAT_MS = 5_000;
/** A join that finds this device's old connection has it closed; the next one goes through. */
const MAX_JOINS = 2;

/** The dialect's messages over a connection: a join on each, orders with their outcomes, and what comes unasked. */
export class PartyLink {
  readonly connection: Connection;
  private readonly orders: Orders;
  private joins = 0;
  private welcome: { readonly clientId: string; readonly sessionInfo: PartyInfo } | undefined;

  constructor(
    private readonly config: PartyConfig,
    private readonly deviceId: string,
    private readonly events: LinkEvents,
  ) {
    const { token = '', heartbeat } = config;
    const { timers, answerTimeoutMs } = withDefaults(config);
    this.orders = new Orders(timers, answerTimeoutMs);
    this.connection = new Connection(
      { ...config, token, heartbeat: { intervalMs: HEARTBEAT_MS, ...heartbeat } },
      {
        // As a subprotocol: a URL would be written to logs on the way.
        endpoint: (now) => ({
          url: endpointUrl(config.url, PATH).href,
          protocols: now === '' ? [] : [`access_token.${now}`],
        }),
        greeting: () => {
          this.joins = 1;
          this.welcome = undefined;
          return this.join();
        },
        heartbeat: () => [write('heartbeat'), this.ping()],
        renewal: (fresh) => write('auth', { token: fresh }),
        received: (frame) => this.received(frame),
        moved: (status) => this.moved(status),
      },
    );
  }

  /** Needs a connection now: an order that comes late may be about somebody else. */
  ask(type: UpType, fields: object, options: WaitOptions = {}): Promise<void> {
    const frame = write(type, fields);
    if (!this.connection.ready) return Promise.reject(new ParleyError('offline', 'there is no connection now'));
    return this.orders.ask((timestamp) => {
      this.connection.send(frame);
      this.connection.send(write('ping', { timestamp }));
    }, options);
  }

  say(type: UpType, fields: object): void {
    this.connection.send(write(type, fields));
  }

  private join(): string {
    const { sessionId, deviceInfo, hostToken } = this.config;
    return write('join', {
      sessionId,
      deviceInfo: { id: this.deviceId, name: deviceInfo.name, type: hostToken === undefined ? 'client' : 'host' },
      protocolVersion: VERSION,
      ...(hostToken === undefined ? {} : { token: hostToken }),
    });
  }

  private ping(): string {
    return write('ping', { timestamp: this.orders.ping() });
  }

  private moved(status: ConnectionStatus): void {
    if (status.state === 'ready') this.connection.send(this.ping());
    else this.orders.end(new ParleyError('unavailable', 'the connection was lost before the answer came'));
    this.events.moved(status);
  }

  private received(frame: ReceivedFrame): void {
    const told = typeof frame === 'string' ? toldBy(frame) : undefined;
    switch (told?.type) {
      case 'welcome':
        this.welcome = told;
        break;
      case 'member_list':
        this.listed(told.members);
        break;
      case 'member_joined':
        this.events.memberJoined(told.member);
        break;
      case 'member_left':
        this.events.memberLeft(told.memberId, told.reason);
        break;
      case 'kicked':
        this.over('kicked', told.reason);
        break;
      case 'session_closed':
        this.over('closed', told.reason);
        break;
      case 'pong': {
        const took = this.orders.pong(told.timestamp);
        if (took !== undefined) this.events.latency(took);
        break;
      }
      case 'error':
        this.refused(errorOf(told));
        break;
      case 'auth_renewed':
      case undefined:
        break;
    }
  }

  /** The one that follows the welcome completes the join. */
  private listed(members: readonly PartyMember[]): void {
    this.events.members(members);
    if (this.connection.ready || this.welcome === undefined) return;
    const { clientId, sessionInfo } = this.welcome;
    this.events.welcomed(clientId, sessionInfo);
    this.connection.established();
  }

  private refused(error: ParleyError): void {
    if (!this.connection.ready) {
      if (error.details.wireCode === 'already_joined' && this.joins < MAX_JOINS) {
        this.joins += 1;
        this.connection.greet(this.join());
      } else this.connection.refused(error);
      return;
    }
    const isAnswer = this.orders.refuse(error);
    // A close may follow, for this reason.
    if (!isAnswer || error.code === 'unauthorized') this.connection.heardWhy(error);
    if (!isAnswer) this.events.failed(error);
  }

  private over(why: 'kicked' | 'closed', reason: string | undefined): void {
    // Whatever was ordered, it can't be wanted any more; the end may be what was.
    this.orders.end(undefined);
    const wireCode = why === 'kicked' ? 'kicked' : 'session_closed';
    this.connection.refused(new ParleyError('refused', reason ?? 'the party is over', { wireCode }));
    this.events.over(why, reason);
  }
}

function write(type: UpType, fields: object = {}): string {
  return frameOf({ type, timestamp: Date.now(), ...fields });
}
