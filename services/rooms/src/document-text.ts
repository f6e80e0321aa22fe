import { ok, type Outcome } from '@parley/contracts';
import { checksumOf } from '@parley/ot';
import { createHash } from 'node:crypto';
import { inSlices } from './in-slices.js';
import { jsonPieces } from './json-pieces.js';

/** Up to here, in bytes of JSON, one go takes about a millisecond. */
const IN_PLACE = 64 * 1_024;

/** The JSON text of what takes about `bytes`. */
export async function textOf(json: unknown, bytes: number): Promise<Outcome<string, 'unavailable'>> {
  if (bytes <= IN_PLACE) return ok(JSON.stringify(json));
  const pieces: string[] = [];
  const done = await inSlices(jsonPieces(json, false), (piece) => pieces.push(piece));
  return done.ok ? ok(pieces.join('')) : done;
}

/** `checksum`, of what takes about `bytes`. */
export async function checksumInSlices(json: unknown, bytes: number): Promise<Outcome<string, 'unavailable'>> {
  if (bytes <= IN_PLACE) return ok(checksum(json));
  const hash = createHash('sha256');
  const done = await inSlices(jsonPieces(json, true), (piece) => hash.update(piece));
  return done.ok ? ok(hash.digest('hex')) : done;
}

/** SHA-256 in hex over the canonical JSON, in one go. Throws for what is too deep to be written. */
export function checksum(json: unknown): string {
  return checksumOf(json, (text) => createHash('sha256').update(text).digest('hex'));
}
