import { HEAD_BYTES } from './direct-message.js';

/** Throws when the largest message that is accepted could not be passed on: `most` bytes are what the bus takes. */
export function requireRoom(messageMaxBytes: number, most: number): void {
  const fits = most - HEAD_BYTES;
  if (messageMaxBytes <= fits) return;
  throw new Error(
    `PARLEY_MESSAGE_MAX_BYTES is ${String(messageMaxBytes)}, but with the max_payload of this nats-server ` +
      `it can be ${String(fits)} at most`,
  );
}
