import { list } from '../transport/check.js';
import { isNothing, Rest } from '../transport/rest.js';
import type { WaitOptions } from '../transport/wait.js';
import { isVoiceState, type VoiceState } from './chat-messages.js';
import { isIceServers, type IceServers } from './chat-resources.js';
import type { ChatRestConfig } from './chat-rest.js';

/** Both are told to the other members; it is on each client to act on its own. */
export interface VoiceSettings {
  readonly muted?: boolean;
  readonly deafened?: boolean;
}

/** Voice channels of `chat`: who is in them, and what a call needs. Changes come as the socket's `voiceState`. */
export class ChatVoice extends Rest<ChatRestConfig> {
  /** Leaves another channel at once. Who joins makes the offers to those who are there: ask `list` next. */
  join(channelId: string, settings: VoiceSettings = {}, options?: WaitOptions): Promise<VoiceState> {
    return this.request('POST', path(channelId), isVoiceState, settings, options);
  }

  update(channelId: string, settings: VoiceSettings, options?: WaitOptions): Promise<VoiceState> {
    return this.request('PATCH', path(channelId), isVoiceState, settings, options);
  }

  async leave(channelId: string, options?: WaitOptions): Promise<void> {
    await this.request('DELETE', path(channelId), isNothing, undefined, options);
  }

  /** In order of joining. */
  list(channelId: string, options?: WaitOptions): Promise<readonly VoiceState[]> {
    return this.request('GET', path(channelId), list(isVoiceState), undefined, options);
  }

  iceServers(options?: WaitOptions): Promise<IceServers> {
    return this.request('GET', '/ice-servers', isIceServers, undefined, options);
  }
}

function path(channelId: string): string {
  return `/channels/${encodeURIComponent(channelId)}/voice`;
}
