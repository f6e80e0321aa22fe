import type { WireDialect } from './wire-frame.js';

const TOPIC_KINDS = ['broadcast', 'direct_message', 'file_transfer', 'stream_data'] as const;

/** What a binary frame says, in words; undefined for what fits no rule. */
export function binaryMeaning(dialect: WireDialect, bytes: Uint8Array): string | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (dialect === 'collab') return presenceOf(view);
  if (dialect !== 'topics' || bytes.length < 5) return undefined;
  const kind = TOPIC_KINDS[view.getUint8(0) - 1];
  return kind === undefined ? undefined : `${kind}, ${String(view.getUint32(1))} bytes of payload`;
}

function presenceOf(view: DataView): string | undefined {
  if (view.byteLength !== 18 && view.byteLength !== 26) return undefined;
  const user = view.getUint32(2);
  const who = user === 0 ? 'mine' : `of user ${String(user)}`;
  const [x, y] = [view.getFloat32(6), view.getFloat32(10)].map((value) => String(Math.round(value * 100) / 100));
  if (view.getUint16(0) === 1) return `cursor ${who}: x ${x ?? ''}, y ${y ?? ''}`;
  return view.getUint16(0) === 2 ? `selection ${who}: from ${x ?? ''} to ${y ?? ''}` : undefined;
}
