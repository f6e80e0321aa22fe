import type { Bus } from '@parley/bus';
import { rooms } from '@parley/contracts';
import { randomUUID } from 'node:crypto';
import type { Values } from '../harness/rig.js';
import { ClosedLoop } from './closed-loop.js';
import type { Writer } from './documents.js';
import { growthOf, Lengths, randomEdit } from './edits.js';

interface Writing {
  readonly bus: Bus;
  readonly loop: ClosedLoop;
  readonly random: () => number;
}

/**
 * Clients of the rooms service without a gateway, all on one connection to the bus: each operation is a request, and durable
 * when it is answered.
 */
export function runBusClients(
  bus: Bus,
  writers: readonly Writer[],
  seconds: number,
  random: () => number,
): Promise<Values> {
  const lengths = new Map(writers.map(({ roomId }) => [roomId, new Lengths()]));
  const writing = { bus, loop: new ClosedLoop(seconds), random };
  const done = writing.loop.done();
  for (const writer of writers) {
    const known = lengths.get(writer.roomId);
    if (known !== undefined) write(writing, writer, known, 1);
  }
  return done;
}

/** `version`: that this writer knows of. */
function write(writing: Writing, writer: Writer, known: Lengths, version: number): void {
  const { bus, loop, random } = writing;
  const baseVersion = Math.max(version, known.version);
  const edit = randomEdit(known.atLeast(baseVersion), random);
  const sentAt = loop.sent();
  const request = { ...writer, operationId: randomUUID(), baseVersion };
  void bus.call(rooms.submit, request, { body: Buffer.from(JSON.stringify(edit)) }).then((answer) => {
    if (!answer.ok || answer.value.result !== 'accepted') {
      loop.fail(new Error(`an operation was not accepted: ${JSON.stringify(answer)}`));
      return;
    }
    known.learn(answer.value.version, growthOf(edit));
    loop.acknowledged(sentAt);
    if (loop.open) write(writing, writer, known, answer.value.version);
  });
}
