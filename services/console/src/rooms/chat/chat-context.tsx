import { createContext, useContext, useEffect, useState } from 'react';
import type { ConsoleSession } from '../../session/console-session.js';
import { chatApi } from './chat-api.js';
import { ChatCore } from './chat-core.js';
import { openMicrophone } from './voice/microphone.js';
import { Sounds } from './voice/sounds.js';
import { VoiceCall } from './voice/voice-call.js';

export interface Chat {
  readonly core: ChatCore;
  readonly call: VoiceCall;
  readonly sounds: Sounds;
}

const ChatContext = createContext<Chat | undefined>(undefined);

export const ChatProvider = ChatContext.Provider;

export function useChat(): Chat {
  const chat = useContext(ChatContext);
  if (chat === undefined) throw new Error('only inside of the chat room');
  return chat;
}

/** Connected as long as the room is open. */
export function useNewChat(session: ConsoleSession): Chat {
  const [chat] = useState(() => {
    const core = new ChatCore(chatApi(session), session.user.id);
    const sounds = new Sounds();
    const call = new VoiceCall({
      client: core.client,
      voice: core.api.voice,
      roster: core.roster,
      me: session.user.id,
      openMicrophone,
      connect,
      sound: sounds.play,
    });
    return { core, call, sounds };
  });
  useEffect(() => {
    const stops = [chat.call.start(), chat.core.start()];
    return () => {
      for (const stop of stops) stop();
    };
  }, [chat]);
  return chat;
}

function connect(iceServers: RTCIceServer[], microphone: MediaStream | undefined): RTCPeerConnection {
  const connection = new RTCPeerConnection({ iceServers });
  if (microphone === undefined) connection.addTransceiver('audio', { direction: 'recvonly' });
  else for (const track of microphone.getTracks()) connection.addTrack(track, microphone);
  return connection;
}
