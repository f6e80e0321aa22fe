import type { ServerId, UserId } from '@parley/contracts';
import type { Database, Outbox, ShardLeases } from '@parley/database';
import { Lanes } from '@parley/service';
import type { ChannelDirectory } from './channel-directory.js';
import type { Clock } from './clock.js';
import { EndVoice } from './end-voice.js';
import { IceServers } from './ice-servers.js';
import { JoinVoice } from './join-voice.js';
import { LeaveVoice } from './leave-voice.js';
import { ListVoice } from './list-voice.js';
import { RecheckMembers } from './recheck-members.js';
import { RelaySignal, type SendSignal } from './relay-signal.js';
import { RollCall, type AskReach } from './roll-call.js';
import { SameChannel } from './same-channel.js';
import type { SignalingOptions } from './signaling.options.js';
import { Suspects } from './suspects.js';
import { UpdateVoice } from './update-voice.js';
import { VoiceWriter } from './voice-writer.js';
import { VoiceRepository } from './voice.repository.js';
import type { SignalingTables } from './signaling.tables.js';

/** What the core asks of the other services. */
export interface Outside {
  readonly directory: ChannelDirectory;
  readonly reach: AskReach;
  readonly send: SendSignal;
  /** Is there a connection to the bus? */
  readonly connected: () => boolean;
  /** Somebody joins voice in this server. */
  readonly entering: (serverId: ServerId) => void;
  /** After every pass: how many are in voice in this replica's shards, and in which servers. */
  readonly counted: (users: number, servers: ReadonlySet<ServerId>) => void;
}

export interface CoreParts {
  readonly database: Database<SignalingTables>;
  readonly leases: ShardLeases<SignalingTables>;
  readonly outbox: Outbox<SignalingTables>;
  readonly outside: Outside;
  readonly options: SignalingOptions;
  readonly clock: Clock;
}

/** Everything that the service does, put together; what asks for it is elsewhere. */
export class SignalingCore {
  readonly join: JoinVoice;
  readonly update: UpdateVoice;
  readonly leave: LeaveVoice;
  readonly list: ListVoice;
  readonly relay: RelaySignal;
  readonly iceServers: IceServers;
  readonly rollCall: RollCall;
  readonly recheck: RecheckMembers;
  readonly suspects: Suspects;

  constructor({ database, leases, outbox, outside, options, clock }: CoreParts) {
    const { channelUsersMax, graceMs, settleMs, signalMaxBytes } = options;
    const { directory, connected, entering, counted } = outside;
    const held = (): readonly number[] => leases.held();
    const voices = new VoiceRepository(database);
    const writer = new VoiceWriter(database, leases, outbox);
    const endVoice = new EndVoice(writer, voices);
    const users = new Lanes<UserId>();
    this.join = new JoinVoice(writer, voices, directory, users, { channelUsersMax, clock, entering });
    this.update = new UpdateVoice(writer, voices, clock);
    this.leave = new LeaveVoice(writer, voices);
    this.list = new ListVoice(voices, directory);
    this.relay = new RelaySignal(new SameChannel(voices), outside.send, signalMaxBytes);
    this.iceServers = new IceServers(options, clock);
    const calling = { graceMs, settleMs, clock, held, connected, counted };
    this.rollCall = new RollCall(voices, endVoice, outside.reach, calling);
    this.recheck = new RecheckMembers(voices, endVoice, directory, users, held);
    this.suspects = new Suspects(voices, this.recheck, held);
  }
}
