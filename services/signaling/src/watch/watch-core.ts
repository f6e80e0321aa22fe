import type { Database, Outbox, ShardLeases } from '@parley/database';
import type { Clock } from '../clock.js';
import type { IceServers } from '../ice-servers.js';
import type { SignalingTables } from '../signaling.tables.js';
import { AuthenticateDevice, type IsBanned } from './authenticate-device.js';
import { ConnectDevice } from './connect-device.js';
import { ConnectionCheck, type AskGone } from './connection-check.js';
import { DeviceRepository } from './device.repository.js';
import { EndSessions } from './end-sessions.js';
import { EndWatch } from './end-watch.js';
import { ExpireSessions } from './expire-sessions.js';
import { HeldSignals } from './held-signals.repository.js';
import { ListSessions } from './list-sessions.js';
import { PartyIce } from './party-ice.js';
import type { Publications } from './publications.js';
import { ReadDevices } from './read-devices.js';
import { RegisterDevice } from './register-device.js';
import { RelayWatchSignal, type PassOn } from './relay-watch-signal.js';
import { RequestWatch } from './request-watch.js';
import { SetPresence } from './set-presence.js';
import { ShareDevice, type IsUser } from './share-device.js';
import { Steadiness } from './steadiness.js';
import { ViewerLinks, type AskOwner, type TellEnded } from './viewer-links.js';
import type { WatchOptions } from './watch.options.js';
import { WatchSessionRepository } from './watch-session.repository.js';
import { WatchWriter } from './watch-writer.js';

/** What the core asks of others. */
export interface WatchOutside {
  readonly isUser: IsUser;
  readonly isBanned: IsBanned;
  readonly askGone: AskGone;
  readonly askOwner: AskOwner;
  readonly passOn: PassOn;
  readonly tellEnded: TellEnded;
  /** Is there a connection to the bus? */
  readonly connected: () => boolean;
}

export interface WatchCoreParts {
  readonly database: Database<SignalingTables>;
  readonly leases: ShardLeases<SignalingTables>;
  readonly outbox: Outbox<SignalingTables>;
  readonly publications: Publications;
  readonly iceServers: IceServers;
  readonly outside: WatchOutside;
  readonly options: WatchOptions;
  readonly clock: Clock;
}

/** Everything that is done about devices and who watches them, put together; what asks for it is elsewhere. */
export class WatchCore {
  readonly register: RegisterDevice;
  readonly read: ReadDevices;
  readonly share: ShareDevice;
  readonly authenticate: AuthenticateDevice;
  readonly connect: ConnectDevice;
  readonly setPresence: SetPresence;
  readonly request: RequestWatch;
  readonly relay: RelayWatchSignal;
  readonly end: EndWatch;
  readonly viewers: ViewerLinks;
  readonly list: ListSessions;
  readonly expire: ExpireSessions;
  readonly check: ConnectionCheck;
  readonly steadiness: Steadiness;
  readonly #sessions: WatchSessionRepository;
  readonly #devices: DeviceRepository;
  readonly #held: () => readonly number[];
  readonly #writer: WatchWriter;

  constructor(parts: WatchCoreParts) {
    const { database, leases, outbox, publications, iceServers, outside, options, clock } = parts;
    const { askGone, askOwner, connected, isBanned, isUser, passOn, tellEnded } = outside;
    const { devicesPerOwner, presenceMaxBytes, sharesPerDevice, viewersPerDevice, watchSettleMs } = options;
    const leased = (): readonly number[] => leases.held();
    const devices = new DeviceRepository(database);
    const sessions = new WatchSessionRepository(database);
    const held = new HeldSignals();
    const writer = new WatchWriter({ database, leases, outbox, publications, clock });
    const end = new EndSessions(sessions, held);
    const ice = new PartyIce(iceServers);
    const connect = new ConnectDevice({ writer, devices, sessions, held, end, ice });
    const viewers = new ViewerLinks({ writer, sessions, held, end, askOwner, tellEnded });
    const steadiness = new Steadiness(watchSettleMs, clock, leased, connected);
    this.register = new RegisterDevice(writer, devices, devicesPerOwner);
    this.read = new ReadDevices(devices, clock);
    this.share = new ShareDevice({ writer, devices, sessions, end, isUser, sharesPerDevice });
    this.authenticate = new AuthenticateDevice(devices, isBanned, clock);
    this.connect = connect;
    this.setPresence = new SetPresence(writer, devices, sessions, presenceMaxBytes);
    this.request = new RequestWatch({ writer, devices, sessions, end, ice, viewersPerDevice });
    this.relay = new RelayWatchSignal({ writer, sessions, held, passOn, limits: options });
    this.end = new EndWatch(writer, sessions, end);
    this.viewers = viewers;
    this.list = new ListSessions(sessions);
    this.expire = new ExpireSessions({ writer, sessions, end, steadiness, held: leased, clock, times: options });
    const checking = { writer, devices, sessions, connect, viewers, askGone, steadiness, held: leased, clock };
    this.check = new ConnectionCheck(checking);
    this.steadiness = steadiness;
    this.#sessions = sessions;
    this.#devices = devices;
    this.#held = leased;
    this.#writer = writer;
  }

  /** A shard's new owner, before its first request. */
  takeOver(shard: number): void {
    this.#writer.forget(shard);
    this.steadiness.acquired(shard);
  }

  release(shard: number): void {
    this.#writer.forget(shard);
    this.steadiness.released(shard);
  }

  async population(): Promise<{ readonly sessions: number; readonly devices: number }> {
    const shards = this.#held();
    return { sessions: await this.#sessions.countLive(shards), devices: await this.#devices.countConnected(shards) };
  }
}
