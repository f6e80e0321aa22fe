import type { Emitter } from '../transport/emitter.js';
import type { PartyEvents } from './party-events.js';
import type { LeaveReason, PartyMember } from './party-messages.js';

/** Who is in the party, in the order in which they joined. It is kept while there is no connection, and made true again by the next. */
export class MemberList {
  private byId: ReadonlyMap<string, PartyMember> | undefined;

  constructor(private readonly events: Emitter<PartyEvents>) {}

  get all(): readonly PartyMember[] {
    return [...(this.byId?.values() ?? [])];
  }

  get(id: string): PartyMember | undefined {
    return this.byId?.get(id);
  }

  /** The whole list: what it says differs from what was known has happened meanwhile. */
  replace(members: readonly PartyMember[]): void {
    const before = this.byId;
    this.byId = new Map(members.map((member) => [member.id, member]));
    if (before !== undefined) this.tellDifference(before, this.byId);
    this.events.emit('members', this.all);
  }

  joined(member: PartyMember): void {
    const isNew = this.get(member.id) === undefined;
    this.byId = new Map(this.byId).set(member.id, member);
    if (isNew) this.events.emit('memberJoined', member);
    this.events.emit('members', this.all);
  }

  left(id: string, reason: LeaveReason | undefined): void {
    const member = this.get(id);
    if (member === undefined) return;
    this.byId = new Map([...(this.byId ?? [])].filter(([other]) => other !== id));
    this.events.emit('memberLeft', member, reason);
    this.events.emit('members', this.all);
  }

  /** Whatever comes next is another party's. */
  clear(): void {
    this.byId = undefined;
  }

  private tellDifference(before: ReadonlyMap<string, PartyMember>, now: ReadonlyMap<string, PartyMember>): void {
    for (const [id, member] of before) if (!now.has(id)) this.events.emit('memberLeft', member, undefined);
    for (const [id, member] of now) {
      const known = before.get(id);
      if (known === undefined) this.events.emit('memberJoined', member);
      else if (known.connectionStatus !== member.connectionStatus) this.events.emit('memberStatus', member);
    }
  }
}
