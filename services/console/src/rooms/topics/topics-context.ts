import { createContext, useContext } from 'react';
import type { TopicsCore } from './topics-core.js';

const TopicsContext = createContext<TopicsCore | undefined>(undefined);

export const TopicsProvider = TopicsContext.Provider;

export function useTopics(): TopicsCore {
  const core = useContext(TopicsContext);
  if (core === undefined) throw new Error('only inside of the topics room');
  return core;
}
