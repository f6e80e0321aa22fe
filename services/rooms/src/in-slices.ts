import { fail, ok, type Outcome } from '@parley/contracts';
import { Lanes } from '@parley/service';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** How long one slice keeps the event loop. */
const SLICE_MS = 4;
/** Many rooms may come back at once after their owner has changed. */
const MAX_WAITING = 1_000;
/** Below the deadline of who asks. */
const MAX_WAIT_MS = 3_000;

const busy = fail('unavailable', 'Too many large documents are read at once; try again.');

// Of the process, as the event loop is: two at once would keep it twice as long.
const lane = new Lanes<'all'>();
let waiting = 0;

/** Takes all pieces, a slice at a time, and lets everything else have its turn in between. One such work after the other. */
export function inSlices<T>(pieces: Iterable<T>, take: (piece: T) => void): Promise<Outcome<void, 'unavailable'>> {
  if (waiting >= MAX_WAITING) return Promise.resolve(busy);
  waiting++;
  const since = performance.now();
  return lane.run('all', async () => {
    try {
      if (performance.now() - since > MAX_WAIT_MS) return busy;
      let until = performance.now() + SLICE_MS;
      for (const piece of pieces) {
        take(piece);
        if (performance.now() < until) continue;
        await nextTurn();
        until = performance.now() + SLICE_MS;
      }
      return ok(undefined);
    } finally {
      waiting--;
    }
  });
}
