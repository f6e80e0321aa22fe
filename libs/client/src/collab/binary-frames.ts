/** A pointer somewhere in what the document shows; units are the app's own. */
export interface Position {
  readonly x: number;
  readonly y: number;
  /** What part of it the user sees; both or none. */
  readonly viewportX?: number | undefined;
  readonly viewportY?: number | undefined;
}

export interface BinaryPresence {
  readonly kind: 'cursor' | 'selection';
  readonly numericId: number;
  /** Of a selection: anchor and head. */
  readonly x: number;
  readonly y: number;
  readonly viewport: { readonly x: number; readonly y: number } | undefined;
  readonly timestamp: number;
}

const CURSOR = 1;
const SELECTION = 2;
const SHORT = 18;
const LONG = 26;

/** 18 bytes, or 26 with the viewport. The server stamps who it is from, so that field stays 0. */
export function encodeCursor({ x, y, viewportX, viewportY }: Position, now: number): Uint8Array<ArrayBuffer> {
  const long = viewportX !== undefined && viewportY !== undefined;
  const view = new DataView(new ArrayBuffer(long ? LONG : SHORT));
  view.setUint16(0, CURSOR);
  view.setFloat32(6, x);
  view.setFloat32(10, y);
  // The low 32 bits are what fits.
  view.setUint32(14, now % 0x1_0000_0000);
  if (long) {
    view.setFloat32(18, viewportX);
    view.setFloat32(22, viewportY);
  }
  return new Uint8Array(view.buffer);
}

/** Undefined for what is no such frame. */
export function decodeBinary(frame: ArrayBuffer): BinaryPresence | undefined {
  if (frame.byteLength !== SHORT && frame.byteLength !== LONG) return undefined;
  const view = new DataView(frame);
  const type = view.getUint16(0);
  if (type !== CURSOR && type !== SELECTION) return undefined;
  return {
    kind: type === CURSOR ? 'cursor' : 'selection',
    numericId: view.getUint32(2),
    x: view.getFloat32(6),
    y: view.getFloat32(10),
    viewport: frame.byteLength === LONG ? { x: view.getFloat32(18), y: view.getFloat32(22) } : undefined,
    timestamp: view.getUint32(14),
  };
}
