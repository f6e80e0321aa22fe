import { frameLength } from './frames.js';

const NOTHING = Buffer.alloc(0);

/** The payload lies between `start` and `end`; it is gone after the call. */
export type OnFrame = (data: Buffer, start: number, end: number) => void;

/** Finds the whole unmasked frames of one server-to-client stream. */
export class FrameReader {
  private rest = NOTHING;

  constructor(private readonly onFrame: OnFrame) {}

  take(chunk: Buffer): void {
    const data = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    let at = 0;
    for (let length = frameLength(data, at); length >= 0; length = frameLength(data, at)) {
      if (at + length > data.length) break;
      this.onFrame(data, at + headerLength(data, at), at + length);
      at += length;
    }
    // Copied, or a few bytes would keep all of the chunk.
    this.rest = at === data.length ? NOTHING : Buffer.from(data.subarray(at));
  }
}

function headerLength(data: Buffer, at: number): number {
  const short = (data[at + 1] ?? 0) & 0x7f;
  if (short < 126) return 2;
  return short === 126 ? 4 : 10;
}
