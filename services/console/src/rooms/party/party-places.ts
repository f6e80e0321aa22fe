import { isRecord, parseJson } from '../../session/json.js';

/** Where this window sits: it takes its place again after a reload. */
export interface Seat {
  readonly sessionId: string;
  readonly name: string;
}

type Shelf = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** What a window has to remember of parties, by user; gone when it closes. */
export class PartyPlaces {
  constructor(
    private readonly userId: string,
    private readonly shelf: Shelf = sessionStorage,
  ) {}

  /** Whoever comes back under the same one has the same place. */
  get deviceId(): string {
    const known = this.shelf.getItem(this.key('device'));
    if (known !== null) return known;
    const made = crypto.randomUUID();
    this.shelf.setItem(this.key('device'), made);
    return made;
  }

  get seat(): Seat | undefined {
    const kept = parseJson(this.shelf.getItem(this.key('seat')) ?? '');
    if (!isRecord(kept)) return undefined;
    const { sessionId, name } = kept;
    return typeof sessionId === 'string' && typeof name === 'string' ? { sessionId, name } : undefined;
  }

  sit(seat: Seat): void {
    this.shelf.setItem(this.key('seat'), JSON.stringify(seat));
  }

  stand(): void {
    this.shelf.removeItem(this.key('seat'));
  }

  /** The server shows it once, to who made the party. */
  keepHostToken(sessionId: string, token: string): void {
    this.shelf.setItem(this.key(`host.${sessionId}`), token);
  }

  hostToken(sessionId: string): string | undefined {
    return this.shelf.getItem(this.key(`host.${sessionId}`)) ?? undefined;
  }

  private key(name: string): string {
    return `parley.party.${this.userId}.${name}`;
  }
}
