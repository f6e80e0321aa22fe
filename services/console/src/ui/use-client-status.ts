import type { ConnectionStatus } from '@parley/client';
import { useCallback, useSyncExternalStore } from 'react';

/** Any client of the SDK. */
interface WithStatus {
  readonly status: ConnectionStatus;
  on(event: 'status', handler: (status: ConnectionStatus) => void): () => void;
}

/** Where a client stands; renders again when it moves. */
export function useClientStatus(client: WithStatus): ConnectionStatus {
  const subscribe = useCallback((changed: () => void) => client.on('status', changed), [client]);
  return useSyncExternalStore(subscribe, () => client.status);
}
