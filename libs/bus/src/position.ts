import { ok, type Outcome, type StreamName } from '@parley/contracts';
import { attempt, type Manager } from './jetstream.js';
import type { Link } from './link.js';

const DEADLINE_MS = 3_000;

type Position = Outcome<number, 'unavailable' | 'timeout'>;

/**
 * Where a stream stands. One question at a time and stream: whoever asks while one is under way needs an answer to a
 * question that was put after their subscription, so they share the next.
 */
export class Positions {
  private readonly running = new Map<StreamName, Promise<Position>>();
  private readonly next = new Map<StreamName, Promise<Position>>();
  private readonly created = new Map<StreamName, string>();

  constructor(
    private readonly link: Link,
    private readonly manager: Manager,
  ) {}

  of(stream: StreamName): Promise<Position> {
    const running = this.running.get(stream);
    if (running === undefined) return this.start(stream);
    const waiting = this.next.get(stream);
    if (waiting !== undefined) return waiting;
    const next = running.then(() => {
      this.next.delete(stream);
      return this.start(stream);
    });
    this.next.set(stream, next);
    return next;
  }

  /** When the stream was made, as last seen; empty when never. */
  epoch(stream: StreamName): string {
    return this.created.get(stream) ?? '';
  }

  saw(stream: StreamName, created: string): void {
    this.created.set(stream, created);
  }

  private start(stream: StreamName): Promise<Position> {
    const asked = this.ask(stream).finally(() => {
      if (this.running.get(stream) === asked) this.running.delete(stream);
    });
    this.running.set(stream, asked);
    return asked;
  }

  private async ask(stream: StreamName): Promise<Position> {
    const what = `the position of ${stream}`;
    const info = await attempt(this.link, DEADLINE_MS, what, () => this.manager.streams.info(stream));
    if (!info.ok) return info;
    this.saw(stream, info.value.created);
    return ok(info.value.state.last_seq);
  }
}
