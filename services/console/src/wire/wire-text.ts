import { parseJson } from '../session/json.js';
import type { WireEntry } from './wire-frame.js';

const SHOWN_BYTES = 256;

/** A line for the clipboard. */
export function textOf(entry: WireEntry): string {
  const at = new Date(entry.at).toISOString();
  if (entry.kind === 'note') return `${at} -- ${entry.text}`;
  const arrow = entry.direction === 'in' ? '<-' : '->';
  return `${at} ${arrow} ${entry.dialect} ${entry.text ?? hexOf(entry.bytes)}`;
}

/** Bytes as pairs of digits, 16 in a line. */
export function hexOf(bytes: Uint8Array = new Uint8Array()): string {
  const pairs = Array.from(bytes.slice(0, SHOWN_BYTES), (byte) => byte.toString(16).padStart(2, '0'));
  const lines = Array.from({ length: Math.ceil(pairs.length / 16) }, (_, line) =>
    pairs.slice(line * 16, line * 16 + 16).join(' '),
  );
  return bytes.length > SHOWN_BYTES ? [...lines, `… (${String(bytes.length)} bytes)`].join('\n') : lines.join('\n');
}

/** Indented where it is JSON. */
export function prettyOf(text: string): string {
  const value = parseJson(text);
  return value === undefined ? text : JSON.stringify(value, null, 2);
}
