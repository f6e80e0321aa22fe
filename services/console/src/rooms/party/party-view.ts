import type { PartyClient, PartyMember } from '@parley/client';
import { announce } from '../../ui/announcer.js';
import { Store } from '../../session/store.js';
import { leftText, statusChangeText } from './party-words.js';

export interface Happening {
  readonly key: number;
  readonly at: number;
  readonly text: string;
}

export interface PartyState {
  readonly members: readonly PartyMember[];
  /** This client's own. */
  readonly memberId: string | undefined;
  readonly name: string | undefined;
  /** The last round trip as this client measured it, ms. */
  readonly latency: number | undefined;
  /** What the host gave as a reason for the end. */
  readonly reason: string | undefined;
  /** The newest first. */
  readonly happenings: readonly Happening[];
}

type Client = Pick<PartyClient, 'on' | 'members' | 'memberId' | 'session' | 'latency'>;

const KEPT = 30;

/** What a party's client tells, as one value that components can watch. */
export class PartyView {
  readonly state = new Store<PartyState>({
    members: [],
    memberId: undefined,
    name: undefined,
    latency: undefined,
    reason: undefined,
    happenings: [],
  });
  private count = 0;

  constructor(
    private readonly client: Client,
    private readonly now: () => number = Date.now,
    private readonly say: (text: string) => void = announce,
  ) {}

  /** Returns how to stop. */
  start(): () => void {
    const { client } = this;
    const stops = [
      client.on('joined', (memberId, { name }) => this.joined(memberId, name)),
      client.on('members', (members) => this.set({ members })),
      client.on('latency', (latency) => this.set({ latency })),
      client.on('memberJoined', ({ name }) => this.happened(`${name} joined`)),
      client.on('memberLeft', ({ name }, reason) => this.happened(leftText(name, reason))),
      client.on('memberStatus', ({ id, name, connectionStatus }) => {
        if (id !== client.memberId) this.happened(statusChangeText(name, connectionStatus));
      }),
      client.on('kicked', (reason) => this.set({ reason })),
      client.on('closed', (reason) => this.set({ reason })),
      client.on('status', ({ state }) => {
        if (state === 'waiting' && this.state.get().memberId !== undefined) this.lost();
      }),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }

  private away = false;

  /** Told once, however often it is tried. */
  private lost(): void {
    if (this.away) return;
    this.away = true;
    this.happened('You lost the connection; your place is kept');
  }

  private joined(memberId: string, name: string): void {
    const before = this.state.get().memberId;
    this.away = false;
    this.set({ memberId, name });
    if (before === undefined) this.happened(`You joined ${name}`);
    else if (before === memberId) this.happened('You are back, at your old place');
    else this.happened('You are back, at a new place: the old one was given up');
  }

  private happened(text: string): void {
    this.count += 1;
    const happening = { key: this.count, at: this.now(), text };
    this.set({ happenings: [happening, ...this.state.get().happenings].slice(0, KEPT) });
    this.say(text);
  }

  private set(part: Partial<PartyState>): void {
    this.state.set({ ...this.state.get(), ...part });
  }
}
