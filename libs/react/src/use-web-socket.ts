import type { CollaborativeClient, ConnectionStatus, ParleyError } from '@parley/client';
import { useMemo, useSyncExternalStore } from 'react';
import { useProvided } from './parley-provider.js';
import { useOwnClient, type ParleyConfig } from './use-own-client.js';

export interface WebSocketState {
  readonly client: CollaborativeClient;
  readonly connected: boolean;
  /** Why there is no connection or no room; gone when there is. */
  readonly error: ParleyError | undefined;
  readonly status: ConnectionStatus;
}

/** The client of the `ParleyProvider` above, or, with a config, one of the component's own. */
export function useWebSocket(config?: ParleyConfig): WebSocketState {
  const provided = useProvided();
  const own = useOwnClient(config);
  const store = own ?? provided;
  if (store === undefined) throw new Error('useWebSocket() needs a <ParleyProvider> above it, or a config');
  const { status, error } = useSyncExternalStore(store.subscribe, store.snapshot, store.serverSnapshot);
  const { client } = store;
  return useMemo(() => ({ client, status, error, connected: status.state === 'ready' }), [client, status, error]);
}
