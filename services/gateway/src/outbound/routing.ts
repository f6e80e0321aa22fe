import type { ReceivedEvent } from '@parley/bus';
import type { Outcome } from '@parley/contracts';
import type { Caller, Dialect, Route } from '@parley/dialects';
import { setTimeout as sleep } from 'node:timers/promises';

export interface RoutingDeps {
  readonly caller: Caller;
  listen(subject: string, listener: (event: ReceivedEvent) => void): Promise<Outcome<number>>;
  deliverTo(subjects: readonly string[], dialect: Dialect, event: ReceivedEvent): void;
  /** Events that could not be routed, since nobody could say where they belong. */
  dropped(subject: string, events: number): void;
}

const MAX_KNOWN = 100_000;
const MAX_WAITING = 100_000;
const BATCH = 1_000;
const RETRY_MS = 250;
const GIVE_UP_AFTER_MS = 30_000;

/** One route of one dialect on this pod: asks where an id belongs once, and keeps its events in order meanwhile. */
export class Routing {
  private readonly known = new Map<string, readonly string[]>();
  /** Events of ids that are being asked about, per id in order. */
  private waiting = new Map<string, ReceivedEvent[]>();
  private waitingEvents = 0;
  /** Ids whose answer changed while it was being asked for. */
  private readonly stale = new Set<string>();
  private asking = false;

  constructor(
    private readonly dialect: Dialect,
    private readonly route: Route,
    private readonly deps: RoutingDeps,
  ) {}

  async start(): Promise<Outcome<number>> {
    const forgetting = await this.deps.listen(this.route.forgottenOn, (event) => {
      this.known.delete(event.id);
      if (this.waiting.has(event.id)) this.stale.add(event.id);
    });
    if (!forgetting.ok) return forgetting;
    return this.deps.listen(this.route.subject, (event) => {
      this.take(event);
    });
  }

  private take(event: ReceivedEvent): void {
    const earlier = this.waiting.get(event.id);
    const subjects = this.known.get(event.id);
    if (earlier === undefined && subjects !== undefined) {
      this.deps.deliverTo(subjects, this.dialect, event);
    } else if (this.waitingEvents >= MAX_WAITING) {
      this.deps.dropped(this.route.subject, 1);
    } else {
      this.waitingEvents += 1;
      if (earlier === undefined) this.waiting.set(event.id, [event]);
      else earlier.push(event);
      if (!this.asking) this.ask();
    }
  }

  /** What comes in the same moment is asked about together. */
  private ask(): void {
    this.asking = true;
    setImmediate(() => {
      void this.askAll().finally(() => {
        this.asking = false;
        if (this.waiting.size > 0) this.ask();
      });
    });
  }

  private async askAll(): Promise<void> {
    const ids = [...this.waiting.keys()].slice(0, BATCH);
    const answer = await this.persist(ids);
    if (answer === undefined) this.giveUp(ids);
    else for (const id of ids) this.settle(id, answer.get(id) ?? []);
  }

  private settle(id: string, subjects: readonly string[]): void {
    const events = this.waiting.get(id) ?? [];
    this.waiting.delete(id);
    this.waitingEvents -= events.length;
    if (!this.stale.delete(id)) this.remember(id, subjects);
    for (const event of events) this.deps.deliverTo(subjects, this.dialect, event);
  }

  private remember(id: string, subjects: readonly string[]): void {
    if (this.known.size >= MAX_KNOWN) this.known.clear();
    this.known.set(id, subjects);
  }

  private giveUp(ids: readonly string[]): void {
    for (const id of ids) {
      const events = this.waiting.get(id) ?? [];
      this.waiting.delete(id);
      this.stale.delete(id);
      this.waitingEvents -= events.length;
      this.deps.dropped(this.route.subject, events.length);
    }
  }

  private async persist(ids: readonly string[]): Promise<ReadonlyMap<string, readonly string[]> | undefined> {
    const deadline = Date.now() + GIVE_UP_AFTER_MS;
    do {
      const answer = await this.route.lookup(this.deps.caller, ids).catch(() => undefined);
      if (answer !== undefined) return answer;
      await sleep(RETRY_MS);
    } while (Date.now() < deadline);
    return undefined;
  }
}
