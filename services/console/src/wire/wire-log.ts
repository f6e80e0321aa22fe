import { isRecord, parseJson } from '../session/json.js';
import { Store } from '../session/store.js';
import { ReplayJudge } from './replay.js';
import {
  dialectAt,
  type Direction,
  type WireDialect,
  type WireEntry,
  type WireFrame,
  type WireNote,
} from './wire-frame.js';

/** What is kept; older entries go. */
export const KEPT = 500;
/** Of one frame; what is longer is shown cut off. */
const KEPT_CHARACTERS = 20_000;
/** The newest are shown to the page this often at most. */
const SHOW_EVERY_MS = 100;

/** What came back after the last reconnect of a dialect. */
export interface Replay {
  readonly dialect: WireDialect;
  readonly at: number;
  readonly frames: number;
  readonly happenings: number;
}

/** One socket's part of the log. */
export interface WireLine {
  opened(): void;
  sent(data: string | Uint8Array): void;
  received(data: string | ArrayBuffer): void;
  closed(code: number, reason: string): void;
}

/** What crossed the wire lately, in a ring. */
export class WireLog {
  readonly entries = new Store<readonly WireEntry[]>([]);
  readonly replays = new Store<readonly Replay[]>([]);
  private ring: WireEntry[] = [];
  private showing: ReturnType<typeof setTimeout> | undefined;
  private next = 1;
  /** Paths that have been connected before: the next socket is a reconnect. A dialect may have two, as watch has. */
  private readonly known = new Set<string>();

  line(socket: number, url: URL): WireLine {
    const dialect = dialectAt(url.pathname);
    const judge = new ReplayJudge(dialect, this.known.has(url.pathname));
    let open = false;
    const frame = (direction: Direction, data: string | Uint8Array): void => {
      const message = typeof data === 'string' ? parseJson(data) : undefined;
      const replayed = direction === 'in' ? judge.heard(message, Date.now()) : 0;
      if (replayed > 0) this.replayed(dialect, replayed);
      this.add({
        kind: 'frame',
        id: this.next,
        at: Date.now(),
        dialect,
        socket,
        direction,
        type: typeof data === 'string' ? typeOf(message) : 'binary',
        text: typeof data === 'string' ? shortened(data) : undefined,
        bytes: typeof data === 'string' ? undefined : data.slice(0, KEPT_CHARACTERS),
        replayed,
      });
    };
    return {
      opened: () => {
        open = true;
        if (this.known.has(url.pathname)) this.begin(dialect);
        this.known.add(url.pathname);
        this.note('opened', `${url.host}${url.pathname} opened`, dialect);
      },
      sent: (data) => frame('out', data),
      received: (data) => frame('in', typeof data === 'string' ? data : new Uint8Array(data)),
      closed: (code, reason) => {
        const why = `${String(code)}${reason === '' ? '' : ` ${reason}`}`;
        if (open) this.note('closed', `closed: ${why}`, dialect);
        else this.note('failed', `${url.host} could not be reached: ${why}`, dialect);
      },
    };
  }

  note(what: WireNote['what'], text: string, dialect?: WireDialect): void {
    this.add({ kind: 'note', id: this.next, at: Date.now(), dialect, what, text });
  }

  clear(): void {
    this.ring = [];
    this.show();
  }

  private add(entry: WireEntry): void {
    this.next += 1;
    this.ring.push(entry);
    if (this.ring.length > KEPT) this.ring.shift();
    this.showing ??= setTimeout(() => this.show(), SHOW_EVERY_MS);
  }

  private show(): void {
    clearTimeout(this.showing);
    this.showing = undefined;
    this.entries.set([...this.ring]);
  }

  private begin(dialect: WireDialect): void {
    const others = this.replays.get().filter((one) => one.dialect !== dialect);
    this.replays.set([...others, { dialect, at: Date.now(), frames: 0, happenings: 0 }]);
  }

  private replayed(dialect: WireDialect, happenings: number): void {
    this.replays.set(
      this.replays
        .get()
        .map((one) =>
          one.dialect === dialect ? { ...one, frames: one.frames + 1, happenings: one.happenings + happenings } : one,
        ),
    );
  }
}

export function isFrame(entry: WireEntry): entry is WireFrame {
  return entry.kind === 'frame';
}

function typeOf(message: unknown): string {
  if (!isRecord(message)) return '?';
  const { op, t, type } = message;
  if (op === 'DISPATCH' && typeof t === 'string') return t;
  if (typeof op === 'string') return op;
  return typeof type === 'string' ? type : '?';
}

function shortened(text: string): string {
  if (text.length <= KEPT_CHARACTERS) return text;
  return `${text.slice(0, KEPT_CHARACTERS)}… (${String(text.length)} characters)`;
}
