import { withDefaults } from '../transport/connection-options.js';
import type { ConnectionStatus } from '../transport/connection-status.js';
import { Emitter, type Handler } from '../transport/emitter.js';
import { uuid } from '../transport/uuid.js';
import { wait, type Settle, type WaitOptions } from '../transport/wait.js';
import { MemberList } from './member-list.js';
import type { PartyEvents } from './party-events.js';
import { PartyLink, type PartyConfig } from './party-link.js';
import type { PartyInfo, PartyMember } from './party-messages.js';

/** How long the server may take to confirm a `leave`; it is left then in any case. */
const LEAVE_MS = 5_000;

/**
 * A place in a party, as its host or as a member, over one connection that comes back by itself. It does not where the
 * server has refused it for good: kicked, closed, full, not there.
 */
export class PartyClient {
  /** What this device is known by in the party. */
  readonly deviceId: string;
  private readonly events = new Emitter<PartyEvents>();
  private readonly list = new MemberList(this.events);
  private readonly link: PartyLink;
  private place: { readonly memberId: string; readonly session: PartyInfo } | undefined;
  private measured: number | undefined;
  private leaving: Settle<undefined> | undefined;

  constructor(private readonly config: PartyConfig) {
    this.deviceId = config.deviceInfo.id ?? uuid();
    this.link = new PartyLink(config, this.deviceId, {
      moved: (status) => this.moved(status),
      welcomed: (memberId, session) => {
        this.place = { memberId, session };
        this.events.emit('joined', memberId, session);
      },
      members: (members) => this.list.replace(members),
      memberJoined: (member) => this.list.joined(member),
      memberLeft: (id, reason) => this.list.left(id, reason),
      latency: (milliseconds) => {
        this.measured = milliseconds;
        this.events.emit('latency', milliseconds);
      },
      over: (why, reason) => {
        if (why === 'kicked') this.events.emit('kicked', reason ?? '');
        else this.events.emit('closed', reason);
      },
      failed: (error) => this.events.emit('error', error),
    });
  }

  get status(): ConnectionStatus {
    return this.link.connection.status;
  }

  /** This client's own id among the members, once it has joined. */
  get memberId(): string | undefined {
    return this.place?.memberId;
  }

  get session(): PartyInfo | undefined {
    return this.place?.session;
  }

  /** Everybody in the party, this client included. While there is no connection: as it was last known. */
  get members(): readonly PartyMember[] {
    return this.list.all;
  }

  getMember(id: string): PartyMember | undefined {
    return this.list.get(id);
  }

  /** The last round trip, ms, as this client measures it; `latency` of the members is what the server measures. */
  get latency(): number | undefined {
    return this.measured;
  }

  /** Resolves when it is in, with all members known. Only `leave()`, `disconnect()` or a refusal for good ends the attempts. */
  connect(options?: WaitOptions): Promise<void> {
    return this.link.connection.connect(options);
  }

  /** Without a word: the place is held for some seconds, for a `connect()` to take it up again. */
  disconnect(): void {
    this.link.connection.disconnect();
  }

  /** Gives the place up at once. When the host leaves, the party is over. */
  async leave(reason?: string, { signal, timeoutMs = LEAVE_MS }: WaitOptions = {}): Promise<void> {
    try {
      if (!this.link.connection.ready) return;
      const { timers } = withDefaults(this.config);
      await wait<undefined>(timers, 'leaving', { signal, timeoutMs }, (settle) => {
        this.leaving = settle;
        this.link.say('leave', reasonOf(reason));
        return () => {
          this.leaving = undefined;
        };
      });
    } finally {
      this.disconnect();
      this.place = undefined;
      this.list.clear();
    }
  }

  /** For the host: resolves when the server has done it. `unauthorized` for others, `invalid` for who is no member. */
  kick(memberId: string, reason?: string, options?: WaitOptions): Promise<void> {
    return this.link.ask('kick', { memberId, ...reasonOf(reason) }, options);
  }

  /** For the host: ends it for everybody. */
  close(reason?: string, options?: WaitOptions): Promise<void> {
    return this.link.ask('close_session', reasonOf(reason), options);
  }

  /** Asks for the list, which is kept up to date anyway, with the newest `latency` of everybody. */
  async refresh(options?: WaitOptions): Promise<readonly PartyMember[]> {
    await this.link.ask('member_list', {}, options);
    return this.members;
  }

  on<K extends keyof PartyEvents>(event: K, handler: Handler<PartyEvents[K]>): () => void {
    return this.events.on(event, handler);
  }

  off<K extends keyof PartyEvents>(event: K, handler: Handler<PartyEvents[K]>): void {
    this.events.off(event, handler);
  }

  private moved(status: ConnectionStatus): void {
    if (this.leaving !== undefined && status.state !== 'ready') {
      // The end that was asked for, or one that makes asking for it needless.
      this.leaving.resolve(undefined);
      if (status.state !== 'idle') {
        this.disconnect();
        return;
      }
    }
    if (status.state === 'idle' || status.state === 'ended') this.measured = undefined;
    this.events.emit('status', status);
  }
}

function reasonOf(reason: string | undefined): object {
  return reason === undefined ? {} : { reason };
}
