import type { Command, Commands } from '../../command.js';
import { malformed, type Malformed } from '../../reading.js';
import { decodeText, unpackBatch, type Bad, type DecodedText } from '../decode.js';
import { MAX_UNPACKED_BYTES, type UpBatch, type UpPackedBatch } from '../up.js';
import { acknowledge } from './answer.js';
import type { Scope } from './scope.js';

/** How the session takes a message, and how it refuses one. */
export interface Handling {
  handle(decoded: DecodedText): Commands;
}

/** Each item is looked at only when those before it are done: it may be made on the version that they made. */
export function batch(scope: Scope, message: UpBatch, handling: Handling): Commands {
  return [...steps(message.items, handling), ...acknowledge(scope, message)];
}

/** Unpacked only as far as a batch may be long, so a small frame cannot become a large one in memory. */
export function packedBatch(scope: Scope, message: UpPackedBatch, handling: Handling): Commands {
  const perform = async (): Promise<Commands> => {
    const json = await scope.context.gunzip(message.packed, MAX_UNPACKED_BYTES);
    const items = json === undefined ? notPacked() : unpackBatch(json);
    if ('kind' in items) return handling.handle({ ...items, messageId: message.id });
    return [...steps(items, handling), ...acknowledge(scope, message)];
  };
  return [{ kind: 'call', perform }];
}

function notPacked(): Malformed {
  return malformed('payload.messages', `is no gzip of ${MAX_UNPACKED_BYTES} bytes at most`);
}

function steps(items: readonly Uint8Array[], handling: Handling): readonly Command[] {
  return items.map((item, index) => ({
    kind: 'call',
    perform: () => Promise.resolve(handling.handle(itemOf(decodeText(item), index)).map(waitedFor)),
  }));
}

function waitedFor(command: Command): Command {
  return command.kind === 'background' ? { kind: 'call', perform: (caller) => command.perform(caller) } : command;
}

function itemOf(decoded: DecodedText, index: number): DecodedText {
  const path = `payload.messages.${index}`;
  if (decoded.kind === 'malformed') {
    return { ...decoded, field: decoded.field === 'frame' ? path : `${path}.${decoded.field}` };
  }
  const { type, id } = decoded.message;
  if (type !== 'batch' && type !== 'packed_batch') return decoded;
  const nested: Bad = { ...malformed(`${path}.type`, 'A batch cannot hold another'), messageId: id };
  return nested;
}
