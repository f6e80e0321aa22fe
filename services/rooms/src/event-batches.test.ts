import { expect, it } from 'vitest';
import { requireRoomForEvents } from './event-batches.js';

it('an operation that could not be announced is not accepted: the service says so when it starts', () => {
  requireRoomForEvents(1_048_576, 2_000_000);
  requireRoomForEvents(1_048_576, Number.POSITIVE_INFINITY);
  expect(() => {
    requireRoomForEvents(1_048_576, 1_048_576);
  }).toThrow(
    'PARLEY_ROOMS_OPERATION_MAX_BYTES is 1048576, but with the max_payload of this nats-server it can be 1032192 at most',
  );
});
