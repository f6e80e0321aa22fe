import { clearTimeout, setTimeout } from 'k6/timers';
import { comesBack, waitAfter } from './backoff.js';
import { Line } from './line.js';
import { backMs, complain, loginMs, logins, reconnects, refused } from './measures.js';
import type { Dialect } from './settings.js';

/** One dialect's side of a connection that is lost now and then: what it says first, and when it is there again. */
export interface Role {
  readonly dialect: Dialect;
  /** With query: where it is to be resumed, if that is said there. */
  path(): string;
  opened(line: Line): void;
  /** `there`: logged in, and what was missed is known. Told once for each connection; the rest is the role's own. */
  heard(text: string, line: Line): 'there' | undefined;
  lost?(): void;
}

/** When a client lost its connection, by what code, and when it was back; ms since 1970. */
export interface Return {
  readonly dialect: Dialect;
  readonly code: number;
  readonly lostAt: number;
  readonly triedAt: number;
  readonly backAt: number;
  readonly attempts: number;
}

const WELCOME_MS = 15_000;
/** What gateways say in `Retry-After`, which no WebSocket client gets to see. */
const REFUSED_MS = 1_000;
/** A connection that held for so long begins with short waits again. */
const HELD_MS = 5_000;

/** Keeps a role connected as docs/operations.md asks: jitter, backoff, never to the same place in a hurry. */
export class Returning {
  readonly returns: Return[] = [];
  private line: Line | undefined;
  private failures = 0;
  private stopped = false;
  private openedAt = 0;
  private thereAt = 0;
  private lost: { readonly at: number; readonly code: number; attempts: number; triedAt: number } | undefined;
  private deadline = 0;
  private waiting: (() => void)[] = [];

  constructor(
    private readonly places: readonly string[],
    private next: number,
    private readonly role: Role,
  ) {}

  /** Resolves at the first welcome. */
  start(): Promise<void> {
    this.connect();
    return this.there();
  }

  /** Resolves when it is there: now, or when it is back. */
  there(): Promise<void> {
    if (this.thereAt > 0 || this.stopped) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  get isThere(): boolean {
    return this.thereAt > 0;
  }

  say(message: object): void {
    this.line?.say(message);
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.deadline);
    this.line?.end();
    this.wake();
  }

  /** Loses its connection, as people on trains do. */
  drop(): void {
    if (this.thereAt === 0) return;
    this.line?.end();
    this.ended(1006, 'dropped');
  }

  private connect(): void {
    if (this.stopped) return;
    const place = (this.places[this.next % this.places.length] ?? '').replace(/^http/, 'ws');
    this.openedAt = Date.now();
    if (this.lost !== undefined) {
      this.lost.attempts += 1;
      this.lost.triedAt = this.openedAt;
    }
    this.line = new Line(`${place}${this.role.path()}`, {
      opened: (line) => this.role.opened(line),
      heard: (text, line) => {
        if (this.role.heard(text, line) === 'there') this.welcomed();
      },
      closed: (code, reason) => this.ended(code, reason),
    });
    this.deadline = setTimeout(() => {
      this.line?.end();
      this.ended(1006, 'no welcome');
    }, WELCOME_MS);
  }

  private welcomed(): void {
    clearTimeout(this.deadline);
    if (this.thereAt > 0) return;
    this.thereAt = Date.now();
    const tags = { dialect: this.role.dialect };
    logins.add(1, tags);
    loginMs.add(this.thereAt - this.openedAt, tags);
    if (this.lost !== undefined) {
      const { at, code, attempts, triedAt } = this.lost;
      reconnects.add(1, tags);
      backMs.add(this.thereAt - at, tags);
      this.returns.push({
        dialect: this.role.dialect,
        code,
        lostAt: at,
        triedAt,
        backAt: this.thereAt,
        attempts,
      });
      this.lost = undefined;
    }
    this.wake();
  }

  private ended(code: number, reason: string): void {
    clearTimeout(this.deadline);
    if (this.stopped) return;
    const held = this.thereAt > 0;
    if (held) this.role.lost?.();
    else refused.add(1, { dialect: this.role.dialect });
    if (!comesBack(code)) {
      complain(`${this.role.dialect}: closed with ${code} ${reason}, for good`);
      this.stop();
      return;
    }
    if (held && Date.now() - this.thereAt > HELD_MS) this.failures = 0;
    this.lost ??= held ? { at: Date.now(), code, attempts: 0, triedAt: 0 } : undefined;
    this.thereAt = 0;
    const wait = waitAfter(this.failures, held ? 0 : REFUSED_MS);
    this.failures += 1;
    // Elsewhere, where there is an elsewhere.
    this.next += 1;
    setTimeout(() => this.connect(), wait);
  }

  private wake(): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }
}
