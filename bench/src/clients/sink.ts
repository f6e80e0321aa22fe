import { answerCommands, numberOf, stringOf, stringsOf, type Fields } from '../harness/rig-child.js';
import { maskedText } from './frames.js';
import { RawSocket } from './raw-socket.js';

/**
 * Thousands of clients in one process that only count. While it waits for frames it never sleeps (`spin`), since a sender
 * pays for waking a sleeping reader and would look worse the faster it is.
 */
const groups = new Map<string, RawSocket[]>();
let events = 0;
let bytes = 0;
let wanted = Number.POSITIVE_INFINITY;
let reached: (() => void) | undefined;
let spinning = false;

function counted(more: number, chunk: number): void {
  events += more;
  bytes += chunk;
  if (events >= wanted) reached?.();
}

async function open(fields: Fields): Promise<Record<string, number>> {
  const count = numberOf(fields, 'count');
  const tokens = stringsOf(fields, 'tokens');
  const first = stringsOf(fields, 'first').map(maskedText);
  const target = {
    port: numberOf(fields, 'port'),
    path: stringOf(fields, 'path'),
    first,
    ready: numberOf(fields, 'ready'),
  };
  const sockets: RawSocket[] = [];
  let next = 0;
  const opener = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) {
      sockets.push(await RawSocket.open({ ...target, token: tokens[index % tokens.length] }, counted));
    }
  };
  await Promise.all(Array.from({ length: Math.min(count, numberOf(fields, 'atOnce') || 32) }, opener));
  groups.set(stringOf(fields, 'group'), sockets);
  return { open: sockets.length };
}

function spin(): void {
  if (spinning) setImmediate(spin);
}

answerCommands({
  open,
  close: async (fields) => {
    const sockets = groups.get(stringOf(fields, 'group')) ?? [];
    groups.delete(stringOf(fields, 'group'));
    const closed = sockets.map(({ socket }) => new Promise((resolve) => socket.once('close', resolve)));
    for (const { socket } of sockets) socket.destroy();
    await Promise.all(closed);
    return {};
  },
  /** From here on events are counted anew; `count` of them are waited for by `counted`. */
  expect: (fields) => {
    events = 0;
    bytes = 0;
    wanted = numberOf(fields, 'count');
    spinning = true;
    spin();
    return {};
  },
  counted: async () => {
    if (events < wanted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 20_000);
        reached = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    reached = undefined;
    spinning = false;
    return { events, bytes };
  },
  /** Each socket of the group writes the text this often, a few at a time so that nothing piles up. */
  write: async (fields) => {
    const frame = maskedText(stringOf(fields, 'text'));
    const perWrite = numberOf(fields, 'perWrite');
    const block = Buffer.concat(Array.from({ length: perWrite }, () => frame));
    for (let round = 0; round < numberOf(fields, 'rounds'); round++) {
      for (const { socket } of groups.get(stringOf(fields, 'group')) ?? []) socket.write(block);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return {};
  },
});
