import { createContext, useContext, type ReactNode } from 'react';
import type { ClientStore } from './client-store.js';
import { useOwnClient, type ParleyConfig } from './use-own-client.js';

const ParleyContext = createContext<ClientStore | undefined>(undefined);

export interface ParleyProviderProps extends ParleyConfig {
  readonly children?: ReactNode;
}

/** One client for everything below it. */
export function ParleyProvider({ children, ...config }: ParleyProviderProps): ReactNode {
  const store = useOwnClient(config);
  return <ParleyContext.Provider value={store}>{children}</ParleyContext.Provider>;
}

export function useProvided(): ClientStore | undefined {
  return useContext(ParleyContext);
}
