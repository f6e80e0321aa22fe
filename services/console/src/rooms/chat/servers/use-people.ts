import type { ChatMember, VoiceState } from '@parley/client';
import { useMemo } from 'react';
import { Store } from '../../../session/store.js';
import { useStore } from '../../use-store.js';
import { useChat } from '../chat-context.js';
import type { Remote } from '../remote-value.js';

const NO_SERVER = new Store<Remote<readonly ChatMember[]>>({ state: 'loading' });

/** What a user id is called, as far as it is known in the server that is open. */
export function useNames(): (userId: string) => string {
  const { core } = useChat();
  const { server } = useStore(core.place);
  const members = useStore(server?.members.state ?? NO_SERVER);
  const roster = useStore(core.roster.state);
  return useMemo(() => {
    const names = new Map<string, string>();
    const states: readonly VoiceState[] = [...roster.values()].flat();
    for (const { user_id: id, username } of states) names.set(id, username);
    if (members.state === 'ready') for (const { user_id: id, username } of members.value) names.set(id, username);
    return (userId) => names.get(userId) ?? 'Former member';
  }, [members, roster]);
}
