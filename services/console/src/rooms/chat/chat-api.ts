import { ChatClient, ChatRest, ChatServers, ChatVoice } from '@parley/client';
import type { ConsoleSession } from '../../session/console-session.js';

/** The SDK's ways to everything of chat. */
export interface ChatApi {
  readonly client: ChatClient;
  readonly rest: ChatRest;
  readonly servers: ChatServers;
  readonly voice: ChatVoice;
}

export function chatApi(session: ConsoleSession): ChatApi {
  const config = { url: session.urlOf('/'), token: session.token, fetch: session.fetch };
  return {
    client: new ChatClient(session.connection('/ws/chat')),
    rest: new ChatRest(config),
    servers: new ChatServers(config),
    voice: new ChatVoice(config),
  };
}
