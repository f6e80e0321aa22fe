/** What an answer may hold, below the 1 MiB that NATS takes by default. */
export const REPLY_BYTES = 900_000;

/** As many as fit, at least one. */
export function fittingReply<T>(items: readonly T[]): readonly T[] {
  let bytes = 0;
  const end = items.findIndex((item, i) => {
    bytes += Buffer.byteLength(JSON.stringify(item)) + 1;
    return i > 0 && bytes > REPLY_BYTES;
  });
  return end === -1 ? items : items.slice(0, end);
}
