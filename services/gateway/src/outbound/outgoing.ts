import type { Encoded, EventEncoder } from '@parley/dialects';
import type { ReceivedEvent } from '@parley/bus';

/** What an encoder makes of an event, as a list. */
export function encodedList(encoder: EventEncoder | undefined, event: ReceivedEvent): readonly Encoded[] {
  const encoded = encoder?.encode(event);
  if (encoded === undefined) return [];
  return 'frames' in encoded ? [encoded] : encoded;
}
