import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aRoomId } from '../../testing/collab.js';
import { PendingAcks } from './acks.js';

const room = aRoomId();

/**
 * A room and one connection to it, reduced to what acknowledgments depend on: operations are committed in an order of their
 * own, their events come in that order, the answers to their submissions whenever they like, and the connection may leave,
 * or join (again) in two steps: listening, then hearing the state.
 */
class World {
  readonly acknowledged: string[] = [];
  readonly answered = new Set<string>();
  /** Acknowledged because the room was left before their event came, which is heard nevertheless by who is back by then. */
  readonly acknowledgedByLeaving = new Set<string>();
  private readonly acks = new PendingAcks();
  private readonly submitted: string[] = [];
  private readonly log: string[] = [];
  private readonly unanswered = new Set<string>();
  private told = 0;
  private state: { readonly phase: 'out' } | { readonly phase: 'joining' } | { phase: 'in'; joinedAt: number };
  private held: string[] = [];

  constructor() {
    this.state = { phase: 'in', joinedAt: 0 };
  }

  get pending(): number {
    return this.acks.size;
  }

  submit(): void {
    const id = `op-${this.submitted.length}`;
    this.submitted.push(id);
    this.acks.submit(id, room);
    this.unanswered.add(id);
  }

  commit(pick: number): void {
    const open = this.submitted.filter((id) => !this.log.includes(id));
    const id = open[pick % Math.max(1, open.length)];
    if (id !== undefined) this.log.push(id);
  }

  announce(): void {
    const id = this.log[this.told];
    if (id === undefined) return;
    this.told += 1;
    if (this.state.phase === 'out') return;
    this.acks.announced(id, this.told, this.state.phase === 'joining');
    if (this.state.phase === 'joining') this.held.push(id);
    else this.acknowledged.push(id);
  }

  answer(pick: number): void {
    const ready = [...this.unanswered].filter((id) => this.log.includes(id));
    const id = ready[pick % Math.max(1, ready.length)];
    if (id === undefined) return;
    this.unanswered.delete(id);
    this.answered.add(id);
    const standing = this.state.phase === 'in' ? { joinedAt: this.state.joinedAt } : this.state.phase;
    if (!this.acks.accepted(id, this.log.indexOf(id) + 1, standing)) return;
    if (standing === 'out') this.acknowledgeNow(id);
    else this.acknowledged.push(id);
  }

  listen(): void {
    this.held = [];
    this.state = { phase: 'joining' };
  }

  /** The answer's state holds what has been announced by then. */
  enter(): void {
    if (this.state.phase !== 'joining') return;
    const joinedAt = this.told;
    this.state = { phase: 'in', joinedAt };
    for (const { messageId } of this.acks.joined(room, joinedAt)) this.acknowledged.push(messageId);
    this.held = [];
  }

  /** The state was made before the last held events came, which therefore follow it. */
  enterLate(behind: number): void {
    if (this.state.phase !== 'joining') return;
    const following = this.held.slice(Math.max(0, this.held.length - behind));
    const joinedAt = this.told - following.length;
    this.state = { phase: 'in', joinedAt };
    for (const { messageId } of this.acks.joined(room, joinedAt)) this.acknowledged.push(messageId);
    this.acknowledged.push(...following);
    this.held = [];
  }

  leave(): void {
    this.state = { phase: 'out' };
    for (const { messageId } of this.acks.left(room)) this.acknowledgeNow(messageId);
  }

  private acknowledgeNow(id: string): void {
    this.acknowledged.push(id);
    this.acknowledgedByLeaving.add(id);
  }

  settle(): void {
    while (this.told < this.submitted.length) {
      this.commit(0);
      this.announce();
    }
    while (this.unanswered.size > 0) this.answer(0);
    this.enter();
  }
}

const steps = fc.array(
  fc.record({
    what: fc.constantFrom(
      'submit',
      'submit',
      'commit',
      'commit',
      'announce',
      'announce',
      'answer',
      'answer',
      'listen',
      'enter',
      'enterLate',
      'leave',
    ),
    pick: fc.nat(5),
  }),
  { maxLength: 60 },
);

describe('pending acknowledgments', () => {
  it('UP5, UP10: however answers, events, leaving and joining meet, each operation is acknowledged', () => {
    fc.assert(
      fc.property(steps, (history) => {
        const world = new World();
        for (const { what, pick } of history) world[what](pick);
        world.settle();
        const once = (id: string): boolean => !world.acknowledgedByLeaving.has(id);
        expect(world.acknowledged.filter(once).sort()).toEqual([...world.answered].filter(once).sort());
        expect(world.acknowledged).toEqual(expect.arrayContaining([...world.answered]));
        expect(world.pending).toBe(0);
      }),
      { numRuns: 5_000 },
    );
  });
});
