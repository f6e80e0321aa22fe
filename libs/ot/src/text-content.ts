import { bytesOfText } from './json-value.js';

/**
 * Text in pieces of about `PIECE` UTF-16 units at most, counted in code points as operations count. A change copies the list of
 * pieces and makes anew only those that it touches: in 100 KB that is a fifteenth of what walking one long string costs.
 */
export interface TextContent {
  readonly pieces: readonly Piece[];
  /** Code points. */
  readonly length: number;
  /** As JSON, the quotes included. */
  readonly bytes: number;
}

interface Piece {
  readonly text: string;
  readonly length: number;
  readonly bytes: number;
}

const PIECE = 1_024;
/** Below this a piece is joined with its neighbour, so that many small edits do not leave as many small pieces. */
const SMALL = 256;
const QUOTES = 2;

export function textContent(text: string): TextContent {
  return assembled(piecesOf(text));
}

export function textOf(content: TextContent): string {
  return content.pieces.map((piece) => piece.text).join('');
}

/** Reads a text from its beginning and writes its successor, as the library asks; the caller stays within `content.length`. */
export class TextRewriter {
  private readonly written: Piece[] = [];
  /** What is not yet a piece. */
  private loose = '';
  private index = 0;
  /** Code points of the current piece that are done. */
  private offset = 0;

  constructor(private readonly content: TextContent) {}

  skip(count: number): void {
    this.advance(
      count,
      (piece) => this.writePiece(piece),
      (text) => this.append(text),
    );
  }

  append(text: string): void {
    this.loose += text;
  }

  del(count: number): void {
    const ignore = (): void => undefined;
    this.advance(count, ignore, ignore);
  }

  build(): TextContent {
    const rest = this.content.pieces[this.index];
    if (rest !== undefined && this.offset > 0) {
      this.append(rest.text.slice(unitsOf(rest, this.offset)));
      this.index += 1;
    }
    const tail = this.content.pieces.slice(this.index);
    const [next] = tail;
    if (this.loose !== '' && next !== undefined && this.loose.length + next.text.length <= PIECE) {
      this.append(next.text);
      tail.shift();
    }
    this.flush();
    return assembled([...this.written, ...tail]);
  }

  private advance(count: number, whole: (piece: Piece) => void, part: (text: string) => void): void {
    let left = count;
    while (left > 0) {
      const piece = this.content.pieces[this.index];
      if (piece === undefined) return;
      const available = piece.length - this.offset;
      if (left >= available) {
        if (this.offset === 0) whole(piece);
        else part(piece.text.slice(unitsOf(piece, this.offset)));
        this.index += 1;
        this.offset = 0;
        left -= available;
      } else {
        part(piece.text.slice(unitsOf(piece, this.offset), unitsOf(piece, this.offset + left)));
        this.offset += left;
        left = 0;
      }
    }
  }

  private writePiece(piece: Piece): void {
    if (this.loose !== '' && this.loose.length < SMALL) this.append(piece.text);
    else {
      this.flush();
      this.written.push(piece);
    }
  }

  private flush(): void {
    if (this.loose === '') return;
    const last = this.written.at(-1);
    if (last !== undefined && this.loose.length < SMALL && last.text.length + this.loose.length <= PIECE) {
      this.written.pop();
      this.loose = last.text + this.loose;
    }
    this.written.push(...piecesOf(this.loose));
    this.loose = '';
  }
}

/** The code points from `from` on, `count` of them. */
export function sliceOfText(content: TextContent, from: number, count: number): string {
  let skip = from;
  let left = count;
  let slice = '';
  for (const piece of content.pieces) {
    if (left === 0) break;
    if (skip >= piece.length) skip -= piece.length;
    else {
      const taken = Math.min(left, piece.length - skip);
      slice += piece.text.slice(unitsOf(piece, skip), unitsOf(piece, skip + taken));
      left -= taken;
      skip = 0;
    }
  }
  return slice;
}

/** Of well-formed text. */
export function codePoints(text: string): number {
  let count = text.length;
  for (let index = 0; index < text.length; index += 1) if (isHighSurrogate(text.charCodeAt(index))) count -= 1;
  return count;
}

export function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code < 0xdc00;
}

function assembled(pieces: readonly Piece[]): TextContent {
  let length = 0;
  let bytes = QUOTES;
  for (const piece of pieces) {
    length += piece.length;
    bytes += piece.bytes;
  }
  return { pieces, length, bytes };
}

/** As even as can be: a piece that has grown too long becomes two halves, not a whole one and a crumb. */
function piecesOf(text: string): Piece[] {
  const target = Math.ceil(text.length / Math.ceil(text.length / PIECE));
  const pieces: Piece[] = [];
  for (let start = 0; start < text.length;) {
    const end = pieceEnd(text, start + target);
    const part = text.slice(start, end);
    pieces.push(pieceOf(part));
    start = end;
  }
  return pieces;
}

/** Most text is of characters that JSON writes as they are, one byte each. To see that costs a fraction of counting. */
const PLAIN = /^[ !#-[\]-~]*$/;

function pieceOf(text: string): Piece {
  if (PLAIN.test(text)) return { text, length: text.length, bytes: text.length };
  return { text, length: codePoints(text), bytes: bytesOfText(text) - QUOTES };
}

/** Pairs stay together. */
function pieceEnd(text: string, end: number): number {
  if (end >= text.length) return text.length;
  return isHighSurrogate(text.charCodeAt(end - 1)) ? end + 1 : end;
}

function unitsOf(piece: Piece, points: number): number {
  if (piece.length === piece.text.length) return points;
  let units = 0;
  for (let left = points; left > 0; left -= 1) units += isHighSurrogate(piece.text.charCodeAt(units)) ? 2 : 1;
  return units;
}
