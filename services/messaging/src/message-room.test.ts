import { expect, it } from 'vitest';
import { requireRoom } from './message-room.js';
import { HEAD_BYTES } from './direct-message.js';

it('what fits with its head is fine, a byte more is not, and the error says how much would be', () => {
  const most = 1_000_000;
  requireRoom(most - HEAD_BYTES, most);
  requireRoom(1_000, Number.POSITIVE_INFINITY);
  expect(() => {
    requireRoom(most - HEAD_BYTES + 1, most);
  }).toThrow(
    'PARLEY_MESSAGE_MAX_BYTES is 998977, but with the max_payload of this nats-server it can be 998976 at most',
  );
});
