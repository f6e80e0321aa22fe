import type { Message, Peer } from './scripted-server.js';

export const iceServers = [{ urls: 'stun:stun.test:3478' }];

export function say(peer: Peer, type: string, payload: object, answers?: Message): void {
  const requestId = answers?.['request_id'];
  const about = requestId === undefined ? {} : { request_id: requestId };
  peer.say({ type, ...about, ts: new Date().toISOString(), payload });
}

/** Answers the hello; what it said is returned. */
export async function greet(peer: Peer): Promise<Message> {
  const hello = await peer.hear('hello');
  say(peer, 'hello_ack', { server_time: '2026-01-01T00:00:00Z' });
  return payloadOf(hello);
}

export async function heard(peer: Peer, type: string): Promise<Message> {
  return payloadOf(await peer.hear(type));
}

export function description(type: 'offer' | 'answer', ufrag: string) {
  return { type, sdp: `v=0\r\na=ice-ufrag:${ufrag}\r\n` };
}

export function candidateOf(ufrag: string) {
  return { candidate: `candidate:${ufrag}`, sdpMid: '0', sdpMLineIndex: 0, usernameFragment: ufrag };
}

export function payloadOf({ payload }: Message): Message {
  if (!isMessage(payload)) throw new Error('no payload');
  return payload;
}

function isMessage(value: unknown): value is Message {
  return typeof value === 'object' && value !== null;
}
