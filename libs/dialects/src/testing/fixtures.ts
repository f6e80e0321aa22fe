import { joinEnvelope, newLoginId, newUserId, type EventDefinition, type RawEvent } from '@parley/contracts';
import type { Static, TSchema } from '@sinclair/typebox';
import type { Login } from '../command.js';
import type { Encoded } from '../dialect.js';
import type { Frame } from '../frame.js';

export const MINUTE = 60_000;

export function aLogin(over: Partial<Login> = {}): Login {
  return {
    userId: newUserId(),
    loginId: newLoginId(),
    username: 'ada',
    expiresAt: 1_700_000_000_000 + 15 * MINUTE,
    ...over,
  };
}

/** An event as the bus would hand it over. */
export function anEvent<P extends TSchema>(
  definition: EventDefinition<P>,
  id: string,
  payload: Static<P>,
  options: { readonly body?: string | Uint8Array; readonly sequence?: number } = {},
): RawEvent {
  const body = typeof options.body === 'string' ? new TextEncoder().encode(options.body) : options.body;
  return {
    subject: definition.subject(id),
    kind: definition.kind,
    id,
    sequence: options.sequence ?? 1,
    previous: 0,
    storedAt: 0,
    data: joinEnvelope(payload, body),
  };
}

/** What an encoder made of an event that tells of one thing. */
export function theOne(encoded: Encoded | readonly Encoded[] | undefined): Encoded | undefined {
  if (encoded === undefined || 'frames' in encoded) return encoded;
  if (encoded.length > 1) throw new Error('more than one');
  return encoded[0];
}

/** A text frame as text, a binary one as bytes. */
export function contentOf({ data, binary }: Frame): string | Uint8Array {
  return binary || typeof data === 'string' ? data : new TextDecoder().decode(data);
}
