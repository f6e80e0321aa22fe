/** An operation of ot-text-unicode on ASCII text, as far as the clients make them and the logs hold them. */
export type Edit = readonly (number | string | { readonly d: number })[];

const LONGEST = 5;
const LETTERS = 'etaoinshrdlucmfwypvbgkqjxz ';

/** The length that documents start with and keep about. */
export const LENGTH = 2_000;

export function startingText(random: () => number): string {
  return letters(LENGTH, random);
}

/** Inserts or deletes 1 to 5 characters somewhere in a text of at least this length. */
export function randomEdit(length: number, random: () => number): Edit {
  const count = 1 + Math.floor(random() * LONGEST);
  const inserts = length < 2 * LONGEST || random() < (length < LENGTH ? 0.6 : 0.4);
  const position = Math.floor(random() * (length - (inserts ? 0 : count) + 1));
  const change = inserts ? letters(count, random) : { d: count };
  return position === 0 ? [change] : [position, change];
}

/** By how much it makes a text longer. */
export function growthOf(edit: Edit): number {
  let growth = 0;
  for (const part of edit) {
    if (typeof part === 'string') growth += part.length;
    else if (typeof part === 'object') growth -= part.d;
  }
  return growth;
}

/** A text with the edits of a log, by nobody's library: what the log says is all that counts. */
export function replay(text: string, edits: readonly Edit[]): string {
  return edits.reduce<string>(replayed, text);
}

export function isEdit(value: unknown): value is Edit {
  return Array.isArray(value) && value.every(isPart);
}

function isPart(part: unknown): boolean {
  if (typeof part === 'number' || typeof part === 'string') return true;
  return typeof part === 'object' && part !== null && 'd' in part && typeof part.d === 'number';
}

function replayed(text: string, edit: Edit): string {
  let at = 0;
  let result = '';
  for (const part of edit) {
    if (typeof part === 'string') result += part;
    else if (typeof part === 'number') result += text.slice(at, (at += part));
    else at += part.d;
    if (at > text.length) throw new Error(`${JSON.stringify(edit)} reaches beyond a text of ${text.length}`);
  }
  return result + text.slice(at);
}

function letters(count: number, random: () => number): string {
  let text = '';
  for (let i = 0; i < count; i++) text += LETTERS.charAt(Math.floor(random() * LETTERS.length));
  return text;
}

/**
 * How long a document was at each version at least, which is all that its clients need of it to edit it. Known from the edits
 * as they were made: what two of them deleted both is deleted once.
 */
export class Lengths {
  private readonly known: number[] = [LENGTH];
  private readonly early = new Map<number, number>();

  /** Up to which every edit is known; 1 for a new document. */
  get version(): number {
    return this.known.length;
  }

  /** What the edit that made this version changed; in any order. */
  learn(version: number, growth: number): void {
    this.early.set(version, growth);
    for (let next = this.early.get(this.version + 1); next !== undefined; next = this.early.get(this.version + 1)) {
      this.early.delete(this.version + 1);
      this.known.push((this.known.at(-1) ?? 0) + next);
    }
  }

  atLeast(version: number): number {
    if (version <= this.version) return this.known[version - 1] ?? 0;
    return Math.max(0, (this.known.at(-1) ?? 0) - LONGEST * (version - this.version));
  }
}
