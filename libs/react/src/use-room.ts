import type { CollaborativeClient, Room } from '@parley/client';
import { useCallback, useSyncExternalStore } from 'react';

const nothing = (): undefined => undefined;

/** The room of this id, or the one that was joined last. */
export function useRoom(client: CollaborativeClient, roomId?: string): Room | undefined {
  const subscribe = useCallback((changed: () => void) => client.on('rooms', changed), [client]);
  const current = (): Room | undefined => (roomId === undefined ? client.room : client.getRoom(roomId));
  return useSyncExternalStore(subscribe, current, nothing);
}
