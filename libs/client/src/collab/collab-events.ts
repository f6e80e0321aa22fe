import type { ConnectionStatus } from '../transport/connection-status.js';
import type { ParleyError } from '../transport/parley-error.js';
import type { Connected } from './collab-messages.js';
import type { Room } from './room.js';

export interface CollabEvents {
  status: readonly [status: ConnectionStatus];
  /** After every connect. */
  connected: readonly [connected: Connected];
  /** One was joined or left; `current` is the one that `sendOperation`, `updateCursor` and `updateSelection` mean. */
  rooms: readonly [current: Room | undefined];
  /** The server has taken the room away; its document can still be read. */
  roomLost: readonly [room: Room, error: ParleyError];
  /** What no promise and no room tells of. */
  error: readonly [error: ParleyError];
}
