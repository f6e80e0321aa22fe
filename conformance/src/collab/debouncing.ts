import { setTimeout as sleep } from 'node:timers/promises';
import type { TextFrame } from '../client.js';
import { at } from '../match.js';
import type { Scenario } from '../scenario.js';
import { check, enter, join, message, soFar, together, type Member } from './steps.js';

const CURSOR_MS = 1_000 / 60;
const SELECTION_MS = 100;
const PRESENCE_MS = 500;
/** Clocks and timers are not exact; over the whole of a run it may be so many more. */
const SLACK = 3;

export const debouncing: readonly Scenario[] = [
  {
    rules: ['DN10'],
    title: 'of cursors sent all at once, the receiver gets the first at once and the newest, and few in between',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const { one, two } = await together(context);
      const last = 49;
      const started = performance.now();
      for (let n = 0; n <= last; n++) one.client.send(move(n));
      const seen = await collect(two, 'cursor', (frame) => at(frame.json, 'payload.presence.cursor.x') === last);
      const elapsed = performance.now() - started;
      check(seen.length <= elapsed / CURSOR_MS + SLACK, `${seen.length} cursors within ${elapsed.toFixed(0)} ms`);
      const [first] = seen;
      check(at(first?.json, 'payload.presence.cursor.x') === 0, 'the first did not come first', first);
    },
  },
  {
    rules: ['DN10'],
    title: 'a cursor that moves all the time is seen at most every 16.67 ms, and not much more rarely',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const { one, two } = await together(context);
      await expectRate(two, 'cursor', CURSOR_MS, () => drive(one, 90, 8, move));
    },
  },
  {
    rules: ['DN10'],
    title: 'a selection that changes all the time is seen at most every 100 ms, and not much more rarely',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const { one, two } = await together(context);
      await expectRate(two, 'selection', SELECTION_MS, () => drive(one, 60, 20, select));
    },
  },
  {
    rules: ['DN10'],
    title: 'who comes and goes all the time is seen to at most every 500 ms, and as they are in the end',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const { roomId, one, two } = await together(context);
      const guest = await enter(context, two.user);
      const started = performance.now();
      for (let n = 0; n < 15; n++) {
        await join(guest, roomId);
        guest.client.send(message('leave_room', { roomId }));
        await sleep(50);
      }
      await join(guest, roomId);
      await sleep(2 * PRESENCE_MS);
      const seen = (await soFar(one)).filter(
        (frame) => at(frame.json, 'payload.presence.connectionId') === guest.connectionId,
      );
      const elapsed = performance.now() - started;
      check(seen.length <= elapsed / PRESENCE_MS + 1, `${seen.length} updates within ${elapsed.toFixed(0)} ms`);
      const newest = seen.at(-1);
      check(at(newest?.json, 'payload.presence.status') === 'online', 'in the end it is not shown as there', newest);
    },
  },
];

function move(n: number): object {
  return message('cursor_move', { x: n, y: 0, viewportX: 0, viewportY: 0, timestamp: n });
}

function select(n: number): object {
  return message('selection_change', { ranges: [{ anchor: n, head: n }], color: '#fff' });
}

/** So many, at about this pace; the last one is told apart by its number. */
async function drive(member: Member, count: number, everyMs: number, build: (n: number) => object): Promise<number> {
  const started = performance.now();
  for (let n = 0; n < count; n++) {
    member.client.send(build(n));
    await sleep(Math.max(0, started + (n + 1) * everyMs - performance.now()));
  }
  return count - 1;
}

async function expectRate(
  receiver: Member,
  what: 'cursor' | 'selection',
  everyMs: number,
  sending: () => Promise<number>,
): Promise<void> {
  const started = performance.now();
  const last = await sending();
  const numberOf = (frame: TextFrame): unknown =>
    what === 'cursor'
      ? at(frame.json, 'payload.presence.cursor.x')
      : at(frame.json, 'payload.presence.selection.ranges.0.anchor');
  const seen = await collect(receiver, what, (frame) => numberOf(frame) === last);
  const elapsed = performance.now() - started;
  const said = `${seen.length} within ${elapsed.toFixed(0)} ms`;
  check(seen.length <= elapsed / everyMs + SLACK, `too many: ${said}`);
  check(seen.length >= elapsed / everyMs / 4, `too few: ${said}`);
  const numbers = seen.map((frame) => Number(numberOf(frame)));
  check(
    numbers.every((n, index) => index === 0 || n > (numbers[index - 1] ?? -1)),
    `out of order: ${numbers.join()}`,
  );
}

/** Up to the one that is the last. */
async function collect(
  { client }: Member,
  what: 'cursor' | 'selection',
  isLast: (frame: TextFrame) => boolean,
): Promise<readonly TextFrame[]> {
  const seen: TextFrame[] = [];
  for (;;) {
    const frame = await client.eventually((value) => at(value, `payload.presence.${what}`) !== undefined);
    seen.push(frame);
    if (isLast(frame)) return seen;
  }
}
