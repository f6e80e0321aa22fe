import { none, type Commands } from '../../command.js';
import type { Session } from '../../dialect.js';
import type { Frame } from '../../frame.js';
import { decode } from './decode.js';
import { reply } from './encode.js';
import { ending, refuse } from './errors.js';
import { handshake } from './handshake.js';

/** Kinds of events that the session acts upon itself. */
export const observes: ReadonlySet<string> = new Set();

/** The memory of one connection; this one needs none. */
export function open(): Session {
  return {
    opened: handshake,
    received,
    timer: () => none,
    observed: () => none,
    ending,
    closed: () => [],
  };
}

function received(frame: Frame): Commands {
  const decoded = decode(frame);
  if (decoded.kind === 'malformed') return refuse(decoded.field, decoded.message);
  return reply({ type: 'said', text: decoded.message.text });
}
